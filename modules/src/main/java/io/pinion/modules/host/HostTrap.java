package io.pinion.modules.host;

/**
 * Ends the guest call it is thrown in: what was asked for has no error number. The guest must not be able to catch it.
 * The message says what was wrong. Carries no stack trace: the guest's is the one of interest.
 */
public final class HostTrap extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HostTrap(String message) {
        super(message, null, false, false);
    }
}
