package io.pinion.actors.core;

import org.jspecify.annotations.Nullable;

/**
 * Who runs next on one core: deficit round robin on the nanoseconds that turns took.
 *
 * <p>Each binding has an account. In every round it is allotted 2 µs per unit of weight (200 µs at weight 100); what a
 * turn took is charged when it ends, as nobody knows it before. A positive balance entitles to a turn; it never exceeds
 * one allotment. A negative one is repaid by the allotments of the rounds that pass, whether the binding waits or not, so
 * who comes back after each single turn gets no more than who always waits. Rounds in which nobody had anything left are
 * passed over at once. Nothing is owed to a core that was idle in between.
 *
 * <p>Two rows. Who arrives with a positive balance, because it has not used up the present round, comes first, in the
 * order of arrival; the others and who has used up its round stand in the ring, which the rounds go round. A quiet binding
 * therefore waits for the turn that runs, and not for the ring.
 *
 * <p><b>Nobody starves.</b> A debt is at most {@link #debtMaxNanos}, and who has waited for {@link #PATIENCE_NANOS} gets a
 * turn when the ring comes by, whatever its balance. The ring comes by within one round, in which every other binding
 * runs at most its allotment and one turn more, wherever it stands: so the wait is at most 1 s plus one round, where a
 * round is the sum over the other runnable bindings of 2 µs × weight plus a turn, and a turn holds a core no longer than
 * the slice if hand-off is on. A share below what one turn per second comes to is therefore rounded up to that.
 *
 * <p>Used by the thread that owns the core, and handed over to the next owner with a happens-before edge. Hot path: no
 * allocation.
 */
final class RunQueue {
    static final long NANOS_PER_WEIGHT = 2_000;
    static final long PATIENCE_NANOS = 1_000_000_000;
    private static final int DEBT_SLICES_MAX = 20;
    /** More than it takes to repay the greatest debt that a slice of a second allows at weight 1. */
    private static final long ROUNDS_MAX = DEBT_SLICES_MAX * 1_000_000_000L / NANOS_PER_WEIGHT;

    private final Inbox inbox;
    private final long sliceNanos;
    private final long debtMaxNanos;
    private final TicketList entitled = new TicketList();
    private final TicketList ring = new TicketList();
    private long round = 1;
    private boolean ranInRound;

    /** @param sliceNanos up to a second */
    RunQueue(Inbox inbox, long sliceNanos) {
        this.inbox = inbox;
        this.sliceNanos = sliceNanos;
        this.debtMaxNanos = DEBT_SLICES_MAX * sliceNanos;
    }

    long debtMaxNanos() {
        return debtMaxNanos;
    }

    /** Whether a turn took more than a slice. Threadsafe. */
    boolean isLong(long nanos) {
        return nanos > sliceNanos;
    }

    /** How many tickets wait, a few stale ones among them. */
    int size() {
        return entitled.size() + ring.size();
    }

    /** Takes in what has arrived at the core. */
    void drain() {
        Ticket ticket = inbox.takeAll();
        while (ticket != null) {
            Ticket after = ticket.next;
            if (!ticket.isStale()) {
                arrive(ticket);
            }
            ticket = after;
        }
    }

    private void arrive(Ticket ticket) {
        Binding binding = ticket.binding();
        ticket.balanceNanos = binding.balanceNanos();
        ticket.round = binding.round(inbox, round);
        allot(ticket);
        if (ticket.balanceNanos > 0) {
            entitled.addLast(ticket);
        } else {
            ring.addLast(ticket);
        }
    }

    /** Takes back one that has had its turn, been charged and has more to run. */
    void again(Ticket ticket) {
        if (ticket.balanceNanos > 0) {
            ring.addFirst(ticket);
        } else {
            ring.addLast(ticket);
        }
    }

    /** Takes what a turn took from the account of the ticket it was claimed with. Threadsafe, the ticket being the caller's. */
    void charge(Ticket ticket, long nanos) {
        ticket.balanceNanos = Math.max(ticket.balanceNanos - nanos, -debtMaxNanos);
    }

    /** The next that may run, removed from here; null if nobody waits. It may have become stale by the time it is claimed. */
    @Nullable
    Ticket next(long nowNanos) {
        Ticket ticket = entitled.removeFirst();
        while (ticket != null && ticket.isStale()) {
            ticket = entitled.removeFirst();
        }
        return ticket == null ? nextInRing(nowNanos) : ticket;
    }

    private @Nullable Ticket nextInRing(long nowNanos) {
        for (Ticket head = ring.first(); head != null; head = ring.first()) {
            if (!head.isStale() && head.balanceNanos <= 0) {
                if (head.round == round) {
                    startRound();
                }
                allot(head);
                if (head.balanceNanos <= 0 && nowNanos - head.queuedNanos() < PATIENCE_NANOS) {
                    ring.addLast(removeHead());
                    continue;
                }
            }
            removeHead();
            if (!head.isStale()) {
                ranInRound = true;
                return head;
            }
        }
        forgive();
        return null;
    }

    private Ticket removeHead() {
        Ticket head = ring.removeFirst();
        if (head == null) {
            throw new IllegalStateException("the ring is empty");
        }
        return head;
    }

    /** Everybody in the ring has the allotment of this round, and has used it up. */
    private void startRound() {
        round = ranInRound ? round + 1 : firstRoundWithBalance();
        ranInRound = false;
    }

    private long firstRoundWithBalance() {
        long first = Long.MAX_VALUE;
        for (Ticket ticket = ring.first(); ticket != null; ticket = ticket.next) {
            long roundsMissing = -ticket.balanceNanos / allotmentNanos(ticket) + 1;
            first = Math.min(first, ticket.round + roundsMissing);
        }
        return Math.max(first, round + 1);
    }

    /** Adds the allotments of the rounds that the account has not seen. */
    private void allot(Ticket ticket) {
        long allotment = allotmentNanos(ticket);
        if (ticket.round != round) {
            long rounds = Math.min(round - ticket.round, ROUNDS_MAX);
            ticket.balanceNanos += rounds * allotment;
            ticket.round = round;
        }
        ticket.balanceNanos = Math.min(ticket.balanceNanos, allotment);
    }

    private static long allotmentNanos(Ticket ticket) {
        return NANOS_PER_WEIGHT * ticket.binding().weight();
    }

    /** The core has nothing to do: there is nobody to be fair to. */
    private void forgive() {
        round += ROUNDS_MAX;
    }
}
