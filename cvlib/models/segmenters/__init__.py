"""Networks that name every pixel: pictures in, for each pixel the probability of every class out."""
