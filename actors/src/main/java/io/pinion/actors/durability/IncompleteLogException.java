package io.pinion.actors.durability;

/**
 * A journal that did not fail gave something else than the events of a log, each once and one after the other. Whoever
 * takes that for the log takes a shorter history for the whole, and writes on behind it. Another reading may give it all.
 */
public final class IncompleteLogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private IncompleteLogException(String message) {
        super(message);
    }

    /**
     * @param before number of the last event given, 0 for none
     * @throws IncompleteLogException if {@code next} is not the number that follows it
     */
    public static void requireNext(long before, long next) {
        if (next > before + 1) {
            throw new IncompleteLogException("the journal leaves out events " + (before + 1) + " to " + (next - 1));
        }
        if (next <= before) {
            throw new IncompleteLogException("the journal gives event " + next + " after event " + before);
        }
    }

    /**
     * @param given number of the last event given, 0 for none
     * @param last number of the last event there is
     * @throws IncompleteLogException if that was not given
     */
    public static void requireEnd(long given, long last) {
        if (given < last) {
            throw new IncompleteLogException(
                    "the journal ends after event " + given + " without an error, but has events up to " + last);
        }
    }
}
