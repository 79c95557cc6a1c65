package io.pinion.testing.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.history.RegisterModel.Answer;
import io.pinion.testing.history.RegisterModel.Call;
import io.pinion.testing.history.RegisterModel.Done;
import io.pinion.testing.history.RegisterModel.Held;
import io.pinion.testing.history.RegisterModel.Read;
import io.pinion.testing.history.RegisterModel.Swap;
import io.pinion.testing.history.RegisterModel.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LinearizabilityTest {
    private static final RegisterModel REGISTER = new RegisterModel(0L);

    private static Operation<Call, Answer> wrote(long value, long began, long ended) {
        return new Operation<>(0, new Write(value), new Done(), began, ended);
    }

    private static Operation<Call, Answer> perhapsWrote(long value, long began) {
        return new Operation<>(0, new Write(value), null, began, Operation.NEVER);
    }

    private static Operation<Call, Answer> read(long value, long began, long ended) {
        return new Operation<>(0, new Read(), new Held(value), began, ended);
    }

    private static Operation<Call, Answer> swapped(long expected, long value, long began, long ended) {
        return new Operation<>(0, new Swap(expected, value), new Done(), began, ended);
    }

    private static void accepts(List<Operation<Call, Answer>> operations) {
        assertEquals(new Verdict.Linearizable(operations.size()), Linearizability.check(REGISTER, operations));
    }

    private static Verdict.Violated refuses(List<Operation<Call, Answer>> operations) {
        return assertInstanceOf(Verdict.Violated.class, Linearizability.check(REGISTER, operations));
    }

    @Test
    void nothingIsLinearizable() {
        accepts(List.of());
    }

    @Test
    void aReadDuringAWriteMayBeFromBeforeItOrFromAfter() {
        accepts(List.of(wrote(1, 0, 10), read(0, 2, 4)));
        accepts(List.of(wrote(1, 0, 10), read(1, 2, 4)));
        accepts(List.of(wrote(1, 0, 10), read(0, 2, 4), read(1, 5, 6)));
    }

    @Test
    void whatOneReadHasSeenALaterOneDoesNotUnsee() {
        Verdict.Violated found = refuses(List.of(wrote(1, 0, 10), read(1, 2, 4), read(0, 5, 6)));

        assertEquals(read(0, 5, 6), found.operation());
        assertEquals(List.of(wrote(1, 0, 10)), found.concurrent());
        assertEquals(List.of(1L), found.states());
    }

    @Test
    void aReadAfterAWriteIsNotStale() {
        refuses(List.of(wrote(1, 0, 1), read(0, 2, 3)));
    }

    @Test
    void aLostWriteIsFoundByTheReadThatMissesIt() {
        refuses(List.of(wrote(1, 0, 1), wrote(2, 2, 3), read(1, 4, 5)));
    }

    @Test
    void whatBeginsWhileAnotherEndsMayBeBeforeIt() {
        accepts(List.of(wrote(1, 0, 5), read(0, 5, 6)));
        refuses(List.of(wrote(1, 0, 5), read(0, 6, 7)));
    }

    @Test
    void aWriteWithoutAnAnswerMayTakeEffectMuchLaterOrNever() {
        accepts(List.of(perhapsWrote(1, 0), read(0, 1, 2), read(0, 3, 4)));
        accepts(List.of(perhapsWrote(1, 0), read(0, 1, 2), wrote(2, 3, 4), read(1, 5, 6)));
    }

    @Test
    void aWriteWithoutAnAnswerTakesEffectOnceAndNotBeforeItBegan() {
        refuses(List.of(perhapsWrote(1, 0), read(1, 1, 2), wrote(2, 3, 4), read(1, 5, 6)));
        refuses(List.of(read(1, 0, 1), perhapsWrote(1, 2)));
    }

    @Test
    void ofTwoSwapsFromOneValueOneSucceeds() {
        refuses(List.of(swapped(0, 1, 0, 10), swapped(0, 2, 1, 9)));
        accepts(List.of(
                swapped(0, 1, 0, 10), new Operation<>(1, new Swap(0, 2), new Held(1), 1, 9), swapped(1, 3, 2, 8)));
    }

    @Test
    void whatIsAnsweredAndHasNoEndIsNoOperation() {
        assertThrows(
                IllegalArgumentException.class, () -> new Operation<>(0, new Read(), new Done(), 3, Operation.NEVER));
        assertThrows(IllegalArgumentException.class, () -> new Operation<>(0, new Read(), new Done(), 3, 2));
    }

    @Test
    void balancesThatAreReadBetweenTheHalvesOfATransferAreNoneOfABank() {
        BankModel bank = BankModel.of(2, 10);
        Operation<BankModel.Call, BankModel.Answer> transfer =
                new Operation<>(0, new BankModel.Transfer(0, 1, 3), new BankModel.Done(), 0, 10);

        assertInstanceOf(
                Verdict.Linearizable.class, Linearizability.check(bank, List.of(transfer, balances(5, 7L, 13L))));
        assertInstanceOf(
                Verdict.Linearizable.class, Linearizability.check(bank, List.of(transfer, balances(5, 10L, 10L))));
        assertInstanceOf(Verdict.Violated.class, Linearizability.check(bank, List.of(transfer, balances(5, 7L, 10L))));
        assertInstanceOf(
                Verdict.Violated.class, Linearizability.check(bank, List.of(transfer, balances(11, 10L, 10L))));
    }

    private static Operation<BankModel.Call, BankModel.Answer> balances(long at, Long... balances) {
        return new Operation<>(1, new BankModel.Balances(), new BankModel.Held(List.of(balances)), at, at + 1);
    }

    @Test
    void thousandsOfCallsOfManyClientsAreCheckedSoonWhateverWasNotAnswered() {
        SplittableRandom random = new SplittableRandom(7);
        List<Operation<Call, Answer>> operations = new ArrayList<>();
        long value = 0;
        for (int moment = 1; moment <= 4000; moment++) {
            long at = 100L * moment;
            long fresh = moment;
            switch (random.nextInt(3)) {
                case 0 -> operations.add(read(value, at - random.nextInt(300), at + random.nextInt(300)));
                case 1 -> {
                    operations.add(
                            random.nextInt(50) == 0
                                    ? perhapsWrote(fresh, Math.max(0, at - 50))
                                    : wrote(fresh, Math.max(0, at - random.nextInt(300)), at + random.nextInt(300)));
                    value = fresh;
                }
                default -> {
                    operations.add(swapped(value, fresh, at - random.nextInt(100), at + random.nextInt(300)));
                    value = fresh;
                }
            }
        }

        accepts(RegisterModel.relevant(operations));
        operations.add(read(1, 1_000_000, 1_000_001));
        refuses(RegisterModel.relevant(operations));
    }

    @Test
    void itFindsWhatTryingEveryOrderFinds() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        int linearizable = 0;
        int rounds = 4000;
        for (int round = 0; round < rounds; round++) {
            List<Operation<Call, Answer>> operations = randomHistory(random);

            boolean expected = EveryOrder.explains(REGISTER, operations);
            Verdict found = Linearizability.check(REGISTER, operations);

            assertEquals(expected, found instanceof Verdict.Linearizable, () -> "seed " + seed + ": " + operations);
            linearizable += expected ? 1 : 0;
        }
        int accepted = linearizable;
        assertTrue(
                accepted > rounds / 10 && accepted < rounds * 9 / 10,
                () -> "seed " + seed + " is too easy: " + accepted + " of " + rounds + " are linearizable");
    }

    @Test
    void whatIsLeftOutAsIrrelevantChangesNoVerdict() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 4000; round++) {
            List<Operation<Call, Answer>> operations = withValuesOfTheirOwn(random, randomHistory(random));

            assertEquals(
                    EveryOrder.explains(REGISTER, operations),
                    EveryOrder.explains(REGISTER, RegisterModel.relevant(operations)),
                    () -> "seed " + seed + ": " + operations);
        }
    }

    /** Up to six calls of small values in random times; answers are right often enough. */
    private static List<Operation<Call, Answer>> randomHistory(SplittableRandom random) {
        List<Operation<Call, Answer>> operations = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            Call call = randomCall(random);
            long began = random.nextInt(12);
            Optional<Answer> answer = randomAnswer(random, call);
            operations.add(answer.<Operation<Call, Answer>>map(
                            given -> new Operation<>(0, call, given, began, began + random.nextInt(8)))
                    .orElseGet(() -> new Operation<>(0, call, null, began, Operation.NEVER)));
        }
        return operations;
    }

    private static Call randomCall(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Read();
            case 1 -> new Write(random.nextInt(3));
            default -> new Swap(random.nextInt(3), random.nextInt(3));
        };
    }

    private static Optional<Answer> randomAnswer(SplittableRandom random, Call call) {
        return switch (call) {
            case Read _ -> Optional.of(new Held(random.nextInt(3)));
            case Call _ when random.nextInt(4) == 0 -> Optional.empty();
            case Swap(long expected, long _) when random.nextBoolean() -> Optional.of(new Held((expected + 1) % 3));
            default -> Optional.of(new Done());
        };
    }

    /** The same, but that each call brings a value that no other brings; what is read and expected is any of them. */
    private static List<Operation<Call, Answer>> withValuesOfTheirOwn(
            SplittableRandom random, List<Operation<Call, Answer>> operations) {
        List<Operation<Call, Answer>> changed = new ArrayList<>();
        int count = operations.size();
        for (Operation<Call, Answer> operation : operations) {
            long own = 1L + changed.size();
            Call call = switch (operation.call()) {
                case Read read -> read;
                case Write _ -> new Write(own);
                case Swap _ -> new Swap(random.nextInt(count + 1), own);
            };
            Answer answer =
                    operation.answer() instanceof Held ? new Held(random.nextInt(count + 1)) : operation.answer();
            changed.add(new Operation<>(0, call, answer, operation.beganNanos(), operation.endedNanos()));
        }
        return changed;
    }
}
