package io.pinion.actors.database;

import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Refusal;
import io.pinion.actors.database.DatabaseMessage.Note;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.dispatch.Envelope;
import org.apache.pekko.dispatch.MessageQueue;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of one database: who gets in, what waits, and what goes first.
 *
 * <pre>
 *   urgent       the newest of each: stop, rebind, weight, truncate   ┐
 *   control      what the actor tells itself and its children tell it ┴ always first
 *   publishes    ┐
 *   management   │ bounded lanes, in turn: one message of each that has any and is not held
 *   own calls    │
 *   writes       │ procedures that wait for the one write transaction
 *   procedures   │
 *   returns      │ connections that come back
 *   calls        ┘
 * </pre>
 *
 * <p>No queue is unbounded: of each urgent command only the newest is kept. In the control queue there is at most one
 * message per timer, per child that starts or ends, and per future under way, of which the actor has one each. The lanes
 * have bounds by count and bytes; a command that finds its lane full is answered {@link Database.Overloaded} by the
 * thread that sent it.
 *
 * <p>The gate is set by the actor's thread alone and takes effect with its next message: calls, publishes or all lanes
 * can be held. Whatever waits in a database waits here, in order, and counts.
 *
 * <p>Refusing is for any thread: from then on commands are answered when they are sent, and what waits is answered by
 * whoever refuses, even while the actor's thread is caught in a call. A command that gets in beside that is seen either
 * by the one who refuses, as it was put in before, or by its sender, who looks again after putting it in.
 *
 * <p>Hot path: {@link #enqueue} and {@link #dequeue} of a call.
 */
final class Admission implements MessageQueue {
    private static final int PUBLISHES = 0;
    private static final int MANAGEMENT = 1;
    private static final int OWN_CALLS = 2;
    private static final int CALLS = 3;
    private static final int PROCEDURES = 4;
    private static final int WRITES = 5;
    private static final int RETURNS = 6;
    private static final int LANE_COUNT = 7;

    static final String TOO_MANY_OWN_CALLS = "too many such calls wait already";

    private static final String STOPPED = "the database has stopped";

    private static final int NONE_HELD = 0;
    private static final int ALL_HELD = (1 << LANE_COUNT) - 1;
    private static final int CALLS_HELD = (1 << CALLS) | (1 << OWN_CALLS) | (1 << RETURNS);
    private static final int ALL_BUT_RETURNS_HELD = ALL_HELD & ~(1 << RETURNS) & ~(1 << MANAGEMENT);
    private static final int OWN_CALLS_HELD = 1 << OWN_CALLS;
    private static final int PUBLISHES_HELD = 1 << PUBLISHES;
    private static final int PROCEDURES_HELD = 1 << PROCEDURES;

    private final AtomicReference<@Nullable Envelope> stop = new AtomicReference<>();
    private final AtomicReference<@Nullable Envelope> rebind = new AtomicReference<>();
    private final AtomicReference<@Nullable Envelope> truncate = new AtomicReference<>();
    private final AtomicReference<@Nullable Envelope> weight = new AtomicReference<>();
    private final ConcurrentLinkedQueue<Envelope> control = new ConcurrentLinkedQueue<>();
    private final Lane[] lanes = new Lane[LANE_COUNT];
    private final AdmissionSettings.Bound ownCallsBound;
    private final Runnable onClosed;

    /** What commands are answered instead of getting in: the first of those below that there is. */
    private volatile @Nullable Refusal refusal;

    /** The same for management and for connections that come back, which a pause lets in. */
    private volatile @Nullable Refusal refusalOfManagement;

    private @Nullable Refusal refusalOfEnd;
    private @Nullable Refusal refusalOfPhase;
    private @Nullable Refusal refusalWhileStuck;
    private @Nullable Refusal refusalWhilePaused;
    private volatile @Nullable MessageQueue deadLetters;
    private volatile OwnCallListener ownCallListener = (_, _) -> {};

    /** Lanes that are not looked at, one bit each. Written by the actor's thread. */
    private volatile int held = NONE_HELD;

    private int lanesHeld = NONE_HELD;
    private boolean isOnlyControl;
    private boolean isWriteLent;
    private boolean isForReturns;
    private boolean isPaused;
    private int nextLane;
    private long arrivalMicros;

    /** Told of a call that a module asked for and that will not be made. Called by any thread. */
    interface OwnCallListener {
        void dropped(Note.CallImmediately call, String reason);
    }

    /** @param onClosed told when the actor has stopped and everything is answered */
    Admission(AdmissionSettings settings, Runnable onClosed) {
        this.onClosed = onClosed;
        this.ownCallsBound = settings.ownCalls();
        lanes[PUBLISHES] = new Lane(settings.publishes());
        lanes[MANAGEMENT] = new Lane(settings.management());
        lanes[OWN_CALLS] = new Lane(ownCallsBound);
        lanes[CALLS] = new Lane(settings.calls());
        lanes[PROCEDURES] = new Lane(settings.procedures());
        lanes[WRITES] = new Lane(settings.ownCalls());
        lanes[RETURNS] = new Lane(settings.calls());
    }

    @Override
    public void enqueue(ActorRef receiver, Envelope envelope) {
        if (envelope.message() instanceof Command command) {
            if (command instanceof Command.Locate locate) {
                locate(receiver, locate);
            } else {
                enqueue(envelope, command);
            }
        } else {
            switch (envelope.message()) {
                case Note.CallImmediately call -> enqueue(envelope, call);
                case Note.ScheduleDue _, Note.CatchUp _, Note.EnterSchedule _, Note.ClientGone _, Note.RefreshViews _ ->
                    lanes[OWN_CALLS].add(envelope, MessageSize.FIXED);
                case Note.WriteAsked _ -> lanes[WRITES].add(envelope, MessageSize.FIXED);
                default -> {
                    control.add(envelope);
                    buryIfStopped(receiver);
                }
            }
        }
    }

    private void enqueue(Envelope envelope, Command command) {
        switch (command) {
            case Command.CallReducer call -> admit(lanes[CALLS], envelope, call, MessageSize.of(call));
            case Command.Query query -> admit(lanes[CALLS], envelope, query, MessageSize.of(query));
            case Command.ForClient client -> {
                int lane = client.request() instanceof Client.Resume ? RETURNS : CALLS;
                admit(lanes[lane], envelope, client, MessageSize.of(client.request()));
            }
            case Command.CallProcedure call -> {
                // The connection that a visitor comes by is opened in its turn with calls.
                int lane = call.caller().isVisitor() ? CALLS : PROCEDURES;
                admit(lanes[lane], envelope, call, MessageSize.of(call));
            }
            case Command.HandleHttp request -> admit(lanes[PROCEDURES], envelope, request, MessageSize.of(request));
            case Command.Publish publish -> admit(lanes[PUBLISHES], envelope, publish, MessageSize.of(publish));
            case Command.PlanPublish plan -> admit(lanes[PUBLISHES], envelope, plan, MessageSize.of(plan));
            case Command.Describe _,
                    Command.ReadLog _,
                    Command.FollowLog _,
                    Command.Delete _,
                    Command.Download _,
                    Command.Restore _,
                    Command.TakeSnapshot _,
                    Command.Order _ -> admit(lanes[MANAGEMENT], envelope, command, MessageSize.FIXED);
            case Command.Locate _ -> throw new IllegalArgumentException("it waits for nothing: " + command);
            case Command.Stop _ -> stop.set(envelope);
            case Command.Rebind _ -> rebind.set(envelope);
            case Command.SetWeight _ -> weight.set(envelope);
            case Command.TruncateLog _ -> {
                refuse(truncate.getAndSet(envelope), Outcomes.ANOTHER_CAME);
                if (deadLetters != null) {
                    refuse(truncate.getAndSet(null), Outcomes.MOVED);
                }
            }
        }
    }

    /** A database that leaves its node is not there any more. */
    private void locate(ActorRef receiver, Command.Locate locate) {
        if (refusal instanceof Database.Moved moved) {
            locate.replyTo().tell(moved);
        } else {
            locate.replyTo().tell(new Database.Located(Adapter.toTyped(receiver)));
        }
    }

    private static void refuse(@Nullable Envelope envelope, Refusal answer) {
        if (envelope != null) {
            Outcomes.refuse((Command) envelope.message(), answer);
        }
    }

    private void admit(Lane lane, Envelope envelope, Command command, long bytes) {
        Refusal refused = refusal(lane);
        if (refused != null) {
            Outcomes.refuse(command, refused);
        } else if (!lane.offer(envelope, bytes)) {
            Outcomes.refuse(command, lane.overloaded());
        } else {
            Refusal late = refusal(lane);
            if (late != null) {
                refuseWaiting(lane, late);
            }
        }
    }

    private @Nullable Refusal refusal(Lane lane) {
        return lane == lanes[MANAGEMENT] || lane == lanes[RETURNS] ? refusalOfManagement : refusal;
    }

    private void enqueue(Envelope envelope, Note.CallImmediately call) {
        if (!lanes[OWN_CALLS].offer(envelope, MessageSize.of(call))) {
            ownCallListener.dropped(call, TOO_MANY_OWN_CALLS);
        } else if (deadLetters != null) {
            dropOwnCalls(STOPPED);
        }
    }

    @Override
    public @Nullable Envelope dequeue() {
        Envelope first = pollControl();
        if (first != null) {
            return first;
        }
        int heldNow = held;
        int start = nextLane;
        for (int i = 0; i < LANE_COUNT; i++) {
            int lane = (start + i) % LANE_COUNT;
            Lane.Waiting waiting = isOpen(heldNow, lane) ? lanes[lane].poll() : null;
            if (waiting != null) {
                nextLane = (lane + 1) % LANE_COUNT;
                arrivalMicros = waiting.arrivalMicros();
                return waiting.envelope();
            }
        }
        return null;
    }

    private static boolean isOpen(int lanesHeld, int lane) {
        return (lanesHeld & (1 << lane)) == 0;
    }

    private @Nullable Envelope pollControl() {
        if (stop.get() != null) {
            return stop.getAndSet(null);
        }
        if (rebind.get() != null) {
            return rebind.getAndSet(null);
        }
        if (weight.get() != null) {
            return weight.getAndSet(null);
        }
        if (truncate.get() != null) {
            return truncate.getAndSet(null);
        }
        return control.poll();
    }

    @Override
    public boolean hasMessages() {
        if (stop.get() != null || rebind.get() != null || weight.get() != null) {
            return true;
        }
        if (truncate.get() != null || !control.isEmpty()) {
            return true;
        }
        int heldNow = held;
        for (int lane = 0; lane < LANE_COUNT; lane++) {
            if (isOpen(heldNow, lane) && !lanes[lane].isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Held ones included. */
    @Override
    public int numberOfMessages() {
        int count = control.size();
        for (Lane lane : lanes) {
            count += lane.count();
        }
        return count;
    }

    /**
     * When the message that was dequeued last was sent, if it came through a lane: wall clock, microseconds since the Unix
     * epoch. Actor's thread.
     */
    long arrivalMicros() {
        return arrivalMicros;
    }

    /** No call is handed out until {@link #releaseCalls}. Actor's thread. */
    void holdCalls() {
        hold(lanesHeld | CALLS_HELD);
    }

    void releaseCalls() {
        hold(lanesHeld & ~CALLS_HELD);
    }

    /** No publish is handed out until {@link #releasePublishes}. Actor's thread. */
    void holdPublishes() {
        hold(lanesHeld | PUBLISHES_HELD);
    }

    void releasePublishes() {
        hold(lanesHeld & ~PUBLISHES_HELD);
    }

    /** No call of a procedure is handed out until {@link #releaseProcedures}. Actor's thread. */
    void holdProcedures() {
        hold(lanesHeld | PROCEDURES_HELD);
    }

    void releaseProcedures() {
        hold(lanesHeld & ~PROCEDURES_HELD);
    }

    private void hold(int lanesToHold) {
        lanesHeld = lanesToHold;
        int heldForReturns = isForReturns ? lanesToHold | ALL_BUT_RETURNS_HELD : lanesToHold;
        int heldIfAny = isPaused ? heldForReturns | OWN_CALLS_HELD : heldForReturns;
        held = isOnlyControl || isWriteLent ? ALL_HELD : heldIfAny;
    }

    /** Nothing but control is handed out as long as that is so, whatever else is held or released. Actor's thread. */
    void onlyControl(boolean only) {
        isOnlyControl = only;
        hold(lanesHeld);
    }

    /** Only connections that come back and management are handed out as long as that is so. Actor's thread. */
    void onlyReturns(boolean only) {
        isForReturns = only;
        hold(lanesHeld);
    }

    /** Whether connections that come back wait. */
    boolean hasWaitingReturns() {
        return !lanes[RETURNS].isEmpty();
    }

    /** As {@link #onlyControl}, as long as a procedure may write. */
    void onlyControlWhileLent(boolean isLent) {
        isWriteLent = isLent;
        hold(lanesHeld);
    }

    /** Answers calls that wait. The schedule, if it was due, is to be timed again. Any thread. */
    void refuseWaitingCalls(Refusal answer) {
        refuseWaiting(lanes[CALLS], answer);
    }

    /** Forgets what the database was going to call of itself; what else takes its turn there goes on. */
    void dropOwnCalls(String reason) {
        Lane lane = lanes[OWN_CALLS];
        for (int left = lane.count(); left > 0; left--) {
            Lane.Waiting waiting = lane.poll();
            if (waiting != null) {
                dropOwnCall(waiting.envelope(), reason);
            }
        }
    }

    private void dropOwnCall(Envelope envelope, String reason) {
        switch (envelope.message()) {
            case Note.CallImmediately call -> ownCallListener.dropped(call, reason);
            case Note.CatchUp _, Note.EnterSchedule _, Note.ClientGone _, Note.RefreshViews _ ->
                lanes[OWN_CALLS].add(envelope, MessageSize.FIXED);
            default -> {} // a schedule that is due stays due
        }
    }

    /** Whether calls of procedures wait. */
    boolean hasWaitingProcedures() {
        return !lanes[PROCEDURES].isEmpty();
    }

    /** Answers calls of procedures that wait. Any thread. */
    void refuseWaitingProcedures(Refusal answer) {
        refuseWaiting(lanes[PROCEDURES], answer);
    }

    /** Answers publishes that wait. Any thread. */
    void refuseWaitingPublishes(Refusal answer) {
        refuseWaiting(lanes[PUBLISHES], answer);
    }

    /** Answers every command that waits. Any thread. */
    void refuseWaiting(Refusal answer) {
        refuseWaiting(lanes[PUBLISHES], answer);
        refuseWaiting(lanes[MANAGEMENT], answer);
        refuseWaiting(lanes[CALLS], answer);
        refuseWaiting(lanes[PROCEDURES], answer);
        refuseWaiting(lanes[RETURNS], answer);
    }

    private static void refuseWaiting(Lane lane, Refusal answer) {
        Lane.Waiting waiting = lane.poll();
        while (waiting != null) {
            Outcomes.refuse((Command) waiting.envelope().message(), answer);
            waiting = lane.poll();
        }
    }

    /**
     * The database is stuck in a call: answers every command that waits and every one that comes, on whatever thread, until
     * {@link #acceptCalls}. Any thread.
     */
    void refuseCalls(Refusal answer) {
        synchronized (this) {
            refusalWhileStuck = answer;
            settle();
        }
        refuseWaiting(answer);
    }

    /** Ends {@link #refuseCalls}. Any thread. */
    synchronized void acceptCalls() {
        refusalWhileStuck = null;
        settle();
    }

    /** As {@link #refuseCalls}, for a phase that takes nothing up; ended by {@link #takeUp}. Actor's thread. */
    void turnAway(Refusal answer) {
        synchronized (this) {
            refusalOfPhase = answer;
            settle();
        }
        refuseWaiting(answer);
    }

    /** Ends {@link #turnAway}. */
    synchronized void takeUp() {
        refusalOfPhase = null;
        settle();
    }

    /**
     * The database is paused, or is no longer: calls, statements and publishes are answered so, those that wait included,
     * and its own calls wait. Management goes on. Actor's thread.
     */
    void pause(@Nullable Refusal answer) {
        synchronized (this) {
            refusalWhilePaused = answer;
            settle();
        }
        isPaused = answer != null;
        hold(lanesHeld);
        if (answer != null) {
            refuseWaiting(lanes[PUBLISHES], answer);
            refuseWaiting(lanes[CALLS], answer);
            refuseWaiting(lanes[PROCEDURES], answer);
        }
    }

    private void settle() {
        Refusal ofRunning = refusalOfPhase == null ? refusalWhileStuck : refusalOfPhase;
        Refusal ofAll = refusalOfEnd == null ? ofRunning : refusalOfEnd;
        refusalOfManagement = ofAll;
        refusal = ofAll == null ? refusalWhilePaused : ofAll;
    }

    /** How many calls that the module asked for may wait. */
    AdmissionSettings.Bound ownCallsBound() {
        return ownCallsBound;
    }

    /** Where calls go that the module asked for and that are not made. */
    void onOwnCallDropped(OwnCallListener listener) {
        ownCallListener = listener;
    }

    /** The actor has stopped: what waits is answered, and so is whatever a sender still puts in. */
    @Override
    public void cleanUp(ActorRef owner, MessageQueue letters) {
        synchronized (this) {
            refusalOfEnd = Outcomes.MOVED;
            settle();
        }
        refuseWaiting(Outcomes.MOVED);
        deadLetters = letters;
        refuse(truncate.getAndSet(null), Outcomes.MOVED);
        dropOwnCalls(STOPPED);
        buryIfStopped(owner);
        onClosed.run();
    }

    private void buryIfStopped(ActorRef owner) {
        MessageQueue letters = deadLetters;
        if (letters == null) {
            return;
        }
        Envelope note = control.poll();
        while (note != null) {
            letters.enqueue(owner, note);
            note = control.poll();
        }
    }
}
