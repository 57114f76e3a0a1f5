"""What Firstline is deployed with: the image, compose, the chart, the units."""
