"""What can be plugged into the business: points (protocols) and the plugins that come built in."""
