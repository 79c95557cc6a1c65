package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.testing.LedgerClient.Transfer;
import io.pinion.testing.history.BankModel;
import io.pinion.testing.history.History;
import io.pinion.testing.history.Linearizability;
import io.pinion.testing.history.RegisterModel;
import io.pinion.testing.history.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What all clients of one ledger have called and were told, and the rules for it. Clients write while they call, threadsafe;
 * what they are told is looked through when all is over.
 */
final class LedgerBook {
    static final int ACCOUNTS = 4;
    static final int REGISTERS = 4;
    static final long BALANCE = 1_000_000;

    private static final String HOLDS = "it holds ";

    private final History<BankModel.Call, BankModel.Answer> bank = new History<>();
    private final List<History<RegisterModel.Call, RegisterModel.Answer>> registers = new ArrayList<>();
    private final Map<Long, Transfer> acknowledged = new ConcurrentHashMap<>();
    private final Map<Transfer, History<BankModel.Call, BankModel.Answer>.Attempt> unheard = new ConcurrentHashMap<>();
    private final Queue<Told> offsets = new ConcurrentLinkedQueue<>();
    private final Queue<String> problems = new ConcurrentLinkedQueue<>();

    /**
     * An answer with an offset.
     *
     * @param isCommit whether the offset is of its own commit
     */
    private record Told(long beganNanos, long endedNanos, long offset, boolean isCommit) {}

    LedgerBook() {
        for (int i = 0; i < REGISTERS; i++) {
            registers.add(new History<>());
        }
    }

    /** Whether it was acknowledged. */
    boolean write(int client, LedgerDoor door, int register, long value) {
        var attempt = registers.get(register).begin(client, new RegisterModel.Write(value));
        long began = System.nanoTime();
        return switch (door.write(register, value)) {
            case LedgerDoor.Done(OptionalLong offset) -> {
                attempt.answered(new RegisterModel.Done());
                yield noteCommit(began, offset);
            }
            case LedgerDoor.Unheard _ -> {
                attempt.unheard();
                yield false;
            }
            case LedgerDoor.NotBegun _ -> false;
            case LedgerDoor.Told other -> wrong("write " + value, other);
        };
    }

    boolean swap(int client, LedgerDoor door, int register, long expected, long value) {
        var attempt = registers.get(register).begin(client, new RegisterModel.Swap(expected, value));
        long began = System.nanoTime();
        return switch (door.swap(register, expected, value)) {
            case LedgerDoor.Done(OptionalLong offset) -> {
                attempt.answered(new RegisterModel.Done());
                yield noteCommit(began, offset);
            }
            case LedgerDoor.Refused(String message)
            when message.startsWith(HOLDS) -> {
                attempt.answered(new RegisterModel.Held(Long.parseLong(message.substring(HOLDS.length()))));
                yield true;
            }
            case LedgerDoor.Unheard _ -> {
                attempt.unheard();
                yield false;
            }
            case LedgerDoor.NotBegun _ -> false;
            case LedgerDoor.Told other -> wrong("swap " + expected + " for " + value, other);
        };
    }

    /** The value, if it was answered. */
    Optional<Long> read(int client, LedgerDoor door, int register) {
        var attempt = registers.get(register).begin(client, new RegisterModel.Read());
        Optional<Long> value = rows(door, "SELECT value FROM registers WHERE id = " + register, 1)
                .map(rows -> rows.getFirst().getFirst());
        value.ifPresent(held -> attempt.answered(new RegisterModel.Held(held)));
        return value;
    }

    boolean transfer(int client, LedgerDoor door, Transfer transfer) {
        var attempt = bank.begin(
                client,
                new BankModel.Transfer(
                        Math.toIntExact(transfer.source() - 1),
                        Math.toIntExact(transfer.target() - 1),
                        transfer.amount()));
        long began = System.nanoTime();
        return switch (door.transfer(transfer)) {
            case LedgerDoor.Done(OptionalLong offset) -> {
                attempt.answered(new BankModel.Done());
                acknowledged.put(transfer.id(), transfer);
                yield noteCommit(began, offset);
            }
            case LedgerDoor.Unheard _ -> {
                unheard.put(transfer, attempt);
                yield false;
            }
            case LedgerDoor.NotBegun _ -> false;
            case LedgerDoor.Told other -> wrong(transfer.toString(), other);
        };
    }

    /** Whether it was answered. */
    boolean balances(int client, LedgerDoor door) {
        var attempt = bank.begin(client, new BankModel.Balances());
        Optional<List<Long>> balances = rows(door, "SELECT * FROM accounts", 2)
                .map(rows -> rows.stream()
                        .sorted(Comparator.comparing(List::getFirst))
                        .map(List::getLast)
                        .toList());
        balances.ifPresent(held -> attempt.answered(new BankModel.Held(held)));
        return balances.isPresent();
    }

    private Optional<List<List<Long>>> rows(LedgerDoor door, String sql, int columns) {
        long began = System.nanoTime();
        Optional<LedgerDoor.Seen> seen = door.rows(sql, columns);
        seen.ifPresent(shown -> note(began, shown.offset(), false));
        return seen.map(LedgerDoor.Seen::rows);
    }

    private boolean noteCommit(long beganNanos, OptionalLong offset) {
        note(beganNanos, offset, true);
        return true;
    }

    private void note(long beganNanos, OptionalLong offset, boolean isCommit) {
        offset.ifPresent(value -> offsets.add(new Told(beganNanos, System.nanoTime(), value, isCommit)));
    }

    private boolean wrong(String call, LedgerDoor.Told answer) {
        problems.add(call + " was answered " + answer);
        return false;
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    /**
     * Looks everything through, when no call is under way and the ledger serves.
     *
     * @param context for whoever reads why it failed
     */
    void check(LedgerDoor door, String context) {
        assertEquals(List.of(), List.copyOf(problems), context);
        checkTransfers(door, context);
        for (int register = 0; register < REGISTERS; register++) {
            assertTrue(read(0, door, register).isPresent(), "a register is not answered; " + context);
            Verdict verdict = Linearizability.check(
                    new RegisterModel(0L),
                    RegisterModel.relevant(registers.get(register).operations()));
            assertInstanceOf(Verdict.Linearizable.class, verdict, "register " + register + "; " + context);
        }
        checkOffsets(context);
    }

    private void checkTransfers(LedgerDoor door, String context) {
        assertTrue(balances(0, door), "the bank is not answered; " + context);
        Map<Long, Transfer> found = new HashMap<>();
        for (List<Long> row : rows(door, "SELECT * FROM transfers", 4).orElseThrow()) {
            found.put(row.get(0), new Transfer(row.get(0), row.get(1), row.get(2), row.get(3)));
        }
        acknowledged.forEach(
                (id, transfer) -> assertEquals(transfer, found.get(id), () -> "acknowledged and lost; " + context));
        Set<Long> known = new HashSet<>(acknowledged.keySet());
        unheard.forEach((transfer, attempt) -> {
            known.add(transfer.id());
            if (found.containsKey(transfer.id())) {
                attempt.answered(new BankModel.Done());
            }
        });
        Set<Long> strange = new HashSet<>(found.keySet());
        strange.removeAll(known);
        assertEquals(Set.of(), strange, () -> "done though it was said that they were not begun; " + context);
        Verdict verdict = Linearizability.check(BankModel.of(ACCOUNTS, BALANCE), bank.operations());
        assertInstanceOf(Verdict.Linearizable.class, verdict, "bank; " + context);
    }

    /** Two owners that acknowledge would give one offset twice, or an old one after a newer one was told. */
    private void checkOffsets(String context) {
        List<Told> byEnd = offsets.stream()
                .sorted(Comparator.comparingLong(Told::endedNanos))
                .toList();
        Map<Long, Told> commits = new HashMap<>();
        long newest = -1;
        int ended = 0;
        for (Told told : offsets.stream()
                .sorted(Comparator.comparingLong(Told::beganNanos))
                .toList()) {
            for (; byEnd.get(ended).endedNanos() < told.beganNanos(); ended++) {
                newest = Math.max(newest, byEnd.get(ended).offset());
            }
            long before = newest;
            assertTrue(
                    told.isCommit() ? told.offset() > before : told.offset() >= before,
                    () -> told + " though " + before + " had been told; " + context);
            Told other = told.isCommit() ? commits.put(told.offset(), told) : null;
            assertEquals(null, other, () -> "two commits have the offset of " + told + "; " + context);
        }
    }
}
