package io.pinion.store.value;

/** Bytes that are not a BSATN value of the expected type. The message names the offset and what was wrong there. */
public final class BsatnException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The categories of the specification (values.md 2.2). */
    public enum Category {
        TOO_SHORT,
        BAD_BOOL,
        BAD_UTF8,
        BAD_TAG,
        WRONG_LENGTH,
        TOO_DEEP,
        TOO_LONG,
        CUSTOM
    }

    private final Category category;

    public BsatnException(Category category, String message) {
        super(message);
        this.category = category;
    }

    public Category category() {
        return category;
    }
}
