package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Lets transactions on random tables run out of memory wherever they are, and looks for traces. A program of its own, with
 * a small heap, as nobody else in the JVM has memory then either. Its argument is the seed of everything.
 */
final class UndoWithoutMemory {
    private static final int SUBJECTS = 6;
    private static final int ROUNDS = 6;
    /** Takes a region of the collector's for itself. */
    private static final int PIECE_BYTES = (1 << 20) - 64;

    private static final int PIECES_LEFT_MAX = 6;

    private final byte[] @Nullable [] ballast = new byte[4096][];
    private int pieces;
    private int interruptions;

    private UndoWithoutMemory() {}

    public static void main(String[] args) {
        RandomGenerator random = new SplittableRandom(Long.parseLong(args[0]));
        UndoWithoutMemory run = new UndoWithoutMemory();
        for (int subject = 0; subject < SUBJECTS; subject++) {
            run.subject(new SplittableRandom(random.nextLong()));
        }
        System.out.println("seed " + args[0] + ": the memory ended " + SUBJECTS * ROUNDS + " times, in the middle of a"
                + " change " + run.interruptions + " times");
    }

    private void subject(RandomGenerator random) {
        UndoSubject subject = new UndoSubject(random);
        subject.fill(200);
        List<String> before = subject.everything();
        for (int round = 0; round < ROUNDS; round++) {
            FrozenView view = subject.store.freeze("undo");
            if (random.nextBoolean()) {
                view.close();
            }
            Transaction transaction = subject.store.begin();

            operateUntilMemoryEnds(subject, transaction, random);

            interruptions += subject.goesOn(transaction, random) ? 0 : 1;
            transaction.rollback();
            assertEquals(before, subject.everything(), "round " + round);
            view.close();
        }
        subject.mustStillWork(random);
    }

    /** Allocates nothing but what the operations do. */
    private void operateUntilMemoryEnds(UndoSubject subject, Transaction transaction, RandomGenerator random) {
        int piecesLeft = 1 + random.nextInt(PIECES_LEFT_MAX);
        try {
            fill();
            release(piecesLeft);
            while (true) {
                subject.operate(transaction, random);
            }
        } catch (OutOfMemoryError _) {
            release(pieces);
        }
    }

    private void fill() {
        try {
            while (true) {
                ballast[pieces] = new byte[PIECE_BYTES];
                pieces++;
            }
        } catch (OutOfMemoryError _) {
            // It is full, as it was to be.
        }
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            pieces--;
            ballast[pieces] = null;
        }
    }
}
