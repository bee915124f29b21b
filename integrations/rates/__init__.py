"""Where exchange rates are observed."""
