"""What open windows of the page are told and shown, once for all of them."""
