package io.pinion.store.value;

import java.util.OptionalInt;

/**
 * A type made ready for walking over its values: what has a fixed size is one step, what any bytes satisfy is not looked
 * at. Immutable; instances are threadsafe. Hot path: {@link #check} and {@link #skip} allocate nothing unless they fail.
 *
 * <p>Two limits are this host's own. A value nests at most {@value #MAX_DEPTH} types deep (only recursive types can come
 * near), and an array of a zero-width type, whose count costs no bytes, has at most {@value #MAX_ZERO_WIDTH_COUNT}
 * elements. A declared count is never a reason to reserve memory.
 */
public final class BsatnLayout {
    public static final int MAX_DEPTH = 512;
    public static final int MAX_ZERO_WIDTH_COUNT = 65_536;

    private final BsatnNode root;

    private BsatnLayout(BsatnNode root) {
        this.root = root;
    }

    /**
     * Of a type without references.
     *
     * @throws InvalidTypeException if it has one
     */
    public static BsatnLayout of(AlgebraicType inlined) {
        return of(Typespace.EMPTY, inlined);
    }

    /**
     * Of a type whose references lead into the typespace; recursive ones are welcome.
     *
     * @throws InvalidTypeException if a reference is out of range or the types nest too deep
     */
    public static BsatnLayout of(Typespace typespace, AlgebraicType type) {
        return new BsatnLayout(new BsatnNodeCompiler(typespace).compile(type));
    }

    /**
     * The encoded size of every value of the type, in bytes: empty for types that contain a string, an array or a sum
     * whose variants differ in size.
     */
    public static OptionalInt fixedSize(AlgebraicType inlined) {
        return of(inlined).fixedSize();
    }

    /** As {@link #fixedSize(AlgebraicType)}. */
    public OptionalInt fixedSize() {
        int size = root.fixedSize();
        return size == BsatnNode.VARIABLE ? OptionalInt.empty() : OptionalInt.of(size);
    }

    public boolean isFixedSize() {
        return root.fixedSize() != BsatnNode.VARIABLE;
    }

    /**
     * Checks that a value of the type begins at {@code offset} and ends at or before {@code limit}, both absolute.
     *
     * @return the index after the value; what follows it is not looked at
     * @throws BsatnException if there is no such value
     */
    public int check(byte[] bytes, int offset, int limit) {
        return root.check(bytes, offset, limit, 0);
    }

    /**
     * As {@link #check(byte[], int, int)} and, as rows of a fixed size require it, without bytes to spare: a length other
     * than the type's fixed size is {@link BsatnException.Category#WRONG_LENGTH}. Types of variable size tolerate what
     * follows the value.
     */
    public int checkRow(byte[] bytes, int offset, int limit) {
        int size = root.fixedSize();
        if (size != BsatnNode.VARIABLE && size != limit - offset) {
            throw new BsatnException(
                    BsatnException.Category.WRONG_LENGTH,
                    "a row of this table has " + size + " bytes, not " + (limit - offset));
        }
        return check(bytes, offset, limit);
    }

    /**
     * Finds the end of a value that has been checked before. Safe on any bytes, but bools, text and the payload of fixed
     * size fields are not looked at.
     *
     * @return the index after the value
     * @throws BsatnException if the value does not end before {@code limit}
     */
    public int skip(byte[] bytes, int offset, int limit) {
        return root.skip(bytes, offset, limit, 0);
    }
}
