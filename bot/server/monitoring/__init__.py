"""What is wrong and how much there is to do: health checks, metrics, and the counts behind both."""
