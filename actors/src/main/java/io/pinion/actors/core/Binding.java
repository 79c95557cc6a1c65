package io.pinion.actors.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What ties one dispatcher to its core: everything that it executes runs there, one thing at a time, in the order in
 * which it came.
 *
 * <p>States, each with the number of a turn, in one atomic long:
 * <ul>
 *   <li>IDLE(n), after turn n. To QUEUED(n+1) by whoever adds something to run, or by the runner that finds something
 *       after all.
 *   <li>QUEUED(n), waiting for turn n. To RUNNING(n) by the core that claims it.
 *   <li>RUNNING(n). To IDLE(n) or QUEUED(n+1) by the thread that runs turn n, and by no other.
 * </ul>
 * The number only grows, so a claim succeeds once. That alone makes for one runner at a time, whatever tickets are about.
 *
 * <p>Nothing is left behind. {@link #execute} adds and then reads the state; the runner makes the state IDLE and then
 * looks at what was added. One of the two sees the other. An {@code execute} that finds QUEUED or RUNNING, or whose
 * change of IDLE fails because another made it, leaves the rest to a claim that comes after its own addition.
 *
 * <p>While the state is QUEUED(n), a ticket of number n is at the core that the binding is bound to, or is being pushed
 * there. Whoever makes the state QUEUED reads the inbox afterwards and pushes there. {@link #rebind} changes the inbox
 * and reads the state afterwards: if that is QUEUED(n), it pushes a second ticket to the new core. Both orders are
 * volatile, so either the pusher sees the new inbox or the rebinder sees QUEUED. Of two rebinds at once the one that
 * comes last in the order of the inbox field pushes to the inbox that stays. One that finds RUNNING leaves it to the
 * runner, which reads the inbox when its turn ends. Whoever claims first, on the old core or the new one, runs the turn;
 * the other tickets of the number are stale and are dropped where they stand.
 *
 * <p>Plain fields below are written by the runner, before the change of state that ends its turn, and read by the next
 * or with a ticket of the present number, after reading that change. Threadsafe.
 */
final class Binding implements Executor {
    static final int WEIGHT_MIN = 1;
    static final int WEIGHT_MAX = 10_000;
    /** What shares and priorities are scaled to; the default of the setting. */
    static final int WEIGHT_DEFAULT = 100;

    private static final int PHASE_BITS = 2;
    private static final long PHASE_MASK = (1 << PHASE_BITS) - 1;
    private static final long IDLE = 0;
    private static final long QUEUED = 1;
    private static final long RUNNING = 2;

    /** Made in time, as it is thrown when nothing more can be made. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // see above; where it was thrown is not of interest
    private static final RejectedExecutionException NO_MEMORY =
            new RejectedExecutionException("there is no memory for what is to run on a core");

    private static final VarHandle STATE;
    private static final VarHandle INBOX;
    private static final VarHandle BUSY_NANOS;
    private static final VarHandle TURNS;
    private static final VarHandle HAND_OFFS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Binding.class, "state", long.class);
            INBOX = lookup.findVarHandle(Binding.class, "inbox", Inbox.class);
            BUSY_NANOS = lookup.findVarHandle(Binding.class, "busyNanos", long.class);
            TURNS = lookup.findVarHandle(Binding.class, "turns", long.class);
            HAND_OFFS = lookup.findVarHandle(Binding.class, "handOffs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ConcurrentLinkedQueue<Runnable> pending = new ConcurrentLinkedQueue<>();
    private final LongAdder stops = new LongAdder();
    private volatile long state = IDLE;
    private volatile Inbox inbox;
    private volatile int weight;
    private volatile @Nullable String name;
    private volatile boolean wasLong;

    /** The account as of the last turn, at the core of {@link #accountInbox}; see {@link RunQueue}. */
    private long balanceNanos = Long.MAX_VALUE;

    private long round;
    private @Nullable Inbox accountInbox;

    private long busyNanos;
    private long turns;
    private long handOffs;

    Binding(Inbox inbox, int weight) {
        checkWeight(weight);
        this.inbox = inbox;
        this.weight = weight;
    }

    Inbox inbox() {
        return inbox;
    }

    int weight() {
        return weight;
    }

    /** @throws IllegalArgumentException if it is out of range */
    void weight(int value) {
        checkWeight(value);
        weight = value;
    }

    static void checkWeight(int value) {
        if (value < WEIGHT_MIN || value > WEIGHT_MAX) {
            throw new IllegalArgumentException(
                    "a weight lies between " + WEIGHT_MIN + " and " + WEIGHT_MAX + ", weight=" + value);
        }
    }

    void name(@Nullable String value) {
        name = value;
    }

    Optional<String> name() {
        return Optional.ofNullable(name);
    }

    /**
     * @throws RejectedExecutionException if there is no memory to keep it. Pekko then tries once more and, failing that,
     *     lets the next message try; whatever else leaves this method leaves a mailbox for ever marked as scheduled
     */
    @Override
    public void execute(Runnable turn) {
        try {
            add(turn);
        } catch (OutOfMemoryError e) {
            throw NO_MEMORY;
        }
    }

    private void add(Runnable turn) {
        pending.add(turn);
        long seen = state;
        if (phase(seen) != IDLE) {
            return;
        }
        long number = number(seen) + 1;
        Ticket ticket = new Ticket(this, number, System.nanoTime());
        if (STATE.compareAndSet(this, seen, queued(number))) {
            inbox.push(ticket);
        }
    }

    /** Moves to another core; a turn that has begun ends where it began. */
    void rebind(Inbox target) {
        Inbox old = (Inbox) INBOX.getAndSet(this, target);
        long seen = state;
        if (old != target && phase(seen) == QUEUED) {
            target.push(new Ticket(this, number(seen), System.nanoTime()));
        }
    }

    boolean isWaiting(long number) {
        return state == queued(number);
    }

    /** Begins turn {@code number}: true for one caller, who runs {@link #poll} and then calls {@link #release}. */
    boolean claim(long number) {
        return STATE.compareAndSet(this, queued(number), running(number));
    }

    /** What the turn is to run; null if it was run in the turn before, which happens. Runner only. */
    @Nullable
    Runnable poll() {
        return pending.poll();
    }

    /**
     * Ends the turn that was claimed with the ticket. Runner only, and no longer the runner afterwards.
     *
     * @return true if there is more to run: the ticket is good for the next turn, and the caller queues it at
     *     {@link #inbox} as read after this
     */
    boolean release(Ticket ticket, long nowNanos) {
        long number = ticket.number();
        if (pending.isEmpty()) {
            state = idle(number);
            if (pending.isEmpty() || !STATE.compareAndSet(this, idle(number), queued(number + 1))) {
                return false;
            }
        } else {
            state = queued(number + 1);
        }
        ticket.renew(number + 1, nowNanos);
        return true;
    }

    /** Keeps the account of the turn that ends. Runner only. */
    void saveAccount(Ticket ticket, Inbox at) {
        balanceNanos = ticket.balanceNanos;
        round = ticket.round;
        accountInbox = at;
    }

    /** The balance at the end of the last turn, more than any allotment before the first. With a good ticket only. */
    long balanceNanos() {
        return balanceNanos;
    }

    /** The rounds of a core that the account has seen, or the present one if it is another core's. With a good ticket only. */
    long round(Inbox at, long presentRound) {
        return accountInbox == at ? round : presentRound;
    }

    /**
     * Runner only.
     *
     * @param isLong whether the turn took more than a slice
     */
    void noteTurn(long nanos, boolean isLong) {
        BUSY_NANOS.setOpaque(this, busyNanos + nanos);
        TURNS.setOpaque(this, turns + 1);
        if (wasLong != isLong) {
            wasLong = isLong;
        }
    }

    /** Whether the last turn took more than a slice. */
    boolean wasLong() {
        return wasLong;
    }

    /** Runner only. */
    void noteHandOff() {
        HAND_OFFS.setOpaque(this, handOffs + 1);
    }

    void noteStop() {
        stops.increment();
    }

    /** @param running what may be running of it */
    BindingLoad load(String registeredName, RunningTurns running) {
        return new BindingLoad(
                registeredName,
                inbox.core(),
                weight,
                running.busyNanos(this::busyNanos),
                (long) TURNS.getOpaque(this),
                (long) HAND_OFFS.getOpaque(this),
                stops.sum());
    }

    /** Of the turns that have ended. */
    private long busyNanos() {
        return (long) BUSY_NANOS.getOpaque(this);
    }

    private static long phase(long state) {
        return state & PHASE_MASK;
    }

    private static long number(long state) {
        return state >>> PHASE_BITS;
    }

    private static long idle(long number) {
        return number << PHASE_BITS | IDLE;
    }

    private static long queued(long number) {
        return number << PHASE_BITS | QUEUED;
    }

    private static long running(long number) {
        return number << PHASE_BITS | RUNNING;
    }
}
