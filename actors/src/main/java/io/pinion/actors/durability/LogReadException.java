package io.pinion.actors.durability;

/** A log could not be read to its end. */
public final class LogReadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient LogDamage damage;
    private final boolean mayPass;

    LogReadException(LogDamage damage, boolean mayPass, Throwable cause) {
        super(damage.toString(), cause);
        this.damage = damage;
        this.mayPass = mayPass;
    }

    public LogDamage damage() {
        return damage;
    }

    /** Whether it was the journal that failed, so that another try may succeed; what does not fit never will. */
    public boolean mayPass() {
        return mayPass;
    }
}
