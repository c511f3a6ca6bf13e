"""A trained network to take home: for a phone, as Keras code, with its data."""
