package io.pinion.actors.database;

/** A view could not be evaluated; the message names it and says why. */
final class ViewFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    ViewFailedException(String view, String cause) {
        super("the view " + view + " failed: " + cause, null, false, false);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
