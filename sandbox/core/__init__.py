"""What every played provider shares; nothing in here knows one of them."""
