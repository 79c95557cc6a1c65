package io.pinion.actors.subscription;

/** A set is not subscribed to, or not unsubscribed from; the text is for the client. */
public final class SubscriptionRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    public SubscriptionRefusedException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
