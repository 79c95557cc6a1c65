package io.pinion.actors.core;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A set of CPU numbers as the kernel keeps it: bit {@code n} of word {@code n / 64} stands for CPU {@code n}; the last
 * word is not zero. Read and printed as the kernel does in {@code Cpus_allowed_list}: {@code 0-3,7}. Immutable.
 */
final class CpuMask {
    /** Far above what kernels support; bounds what a slip of the pen in a list can allocate. */
    static final int CPU_MAX = 65_535;

    static final CpuMask NONE = new CpuMask(new BitSet());

    private final long[] words;

    private CpuMask(BitSet cpus) {
        words = cpus.toLongArray();
    }

    /** @throws IllegalArgumentException if a number is negative or above {@link #CPU_MAX} */
    static CpuMask of(int... cpus) {
        BitSet bits = new BitSet();
        for (int cpu : cpus) {
            bits.set(checked(cpu));
        }
        return new CpuMask(bits);
    }

    /** From the first to the last, both included. */
    static CpuMask range(int first, int last) {
        BitSet bits = new BitSet();
        bits.set(checked(first), checked(last) + 1);
        return new CpuMask(bits);
    }

    static CpuMask ofWords(long[] words) {
        return new CpuMask(BitSet.valueOf(words));
    }

    /**
     * Reads a list as in {@code 0-3,7}; blanks around numbers are allowed, and the empty text is the empty set.
     *
     * @throws IllegalArgumentException if it is no such list, naming the part that is wrong
     */
    static CpuMask parse(String list) {
        BitSet bits = new BitSet();
        if (!list.isBlank()) {
            for (String part : list.split(",", -1)) {
                addRange(bits, part);
            }
        }
        return new CpuMask(bits);
    }

    private static void addRange(BitSet bits, String range) {
        int dash = range.indexOf('-');
        int first = number(dash < 0 ? range : range.substring(0, dash), range);
        int last = dash < 0 ? first : number(range.substring(dash + 1), range);
        if (last < first) {
            throw new IllegalArgumentException(
                    "a range of CPUs has to go up, as in 0-3, but is \"" + range.strip() + "\"");
        }
        bits.set(first, last + 1);
    }

    private static int number(String digits, String range) {
        try {
            return checked(Integer.parseUnsignedInt(digits.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a CPU or a range of CPUs: \"" + range.strip() + "\"", e);
        }
    }

    private static int checked(int cpu) {
        if (cpu < 0 || cpu > CPU_MAX) {
            throw new IllegalArgumentException("a CPU has a number from 0 to " + CPU_MAX + ", not " + cpu);
        }
        return cpu;
    }

    boolean contains(int cpu) {
        return cpu >= 0 && (word(cpu >> 6) & 1L << cpu) != 0;
    }

    boolean containsAll(CpuMask others) {
        return others.minus(this).isEmpty();
    }

    boolean isEmpty() {
        return words.length == 0;
    }

    int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    CpuMask minus(CpuMask others) {
        BitSet bits = bits();
        bits.andNot(others.bits());
        return new CpuMask(bits);
    }

    /**
     * The {@code count} highest of these CPUs.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    CpuMask highest(int count) {
        int[] cpus = toArray();
        if (count > cpus.length) {
            throw new IllegalArgumentException("there are no " + count + " CPUs in " + this);
        }
        return of(Arrays.copyOfRange(cpus, cpus.length - count, cpus.length));
    }

    /** The numbers, ascending. */
    int[] toArray() {
        return bits().stream().toArray();
    }

    /** How many words the set takes. */
    int wordCount() {
        return words.length;
    }

    /** Zero beyond {@link #wordCount}. */
    long word(int index) {
        return index < words.length ? words[index] : 0;
    }

    private BitSet bits() {
        return BitSet.valueOf(words);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuMask mask && Arrays.equals(words, mask.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** As {@link #parse} reads it; the empty set is the empty text. */
    @Override
    public String toString() {
        StringBuilder list = new StringBuilder();
        BitSet bits = bits();
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int end = bits.nextClearBit(first);
            list.append(list.isEmpty() ? "" : ",").append(first);
            if (end - first > 1) {
                list.append('-').append(end - 1);
            }
            first = bits.nextSetBit(end);
        }
        return list.toString();
    }
}
