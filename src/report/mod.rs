//! Events to text. One file per format; knows only events.
