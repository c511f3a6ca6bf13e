"""What the page on detection asks of a worker: own pictures, own labels, a look inside, faces."""
