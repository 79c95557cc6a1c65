package io.pinion.balancer;

import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.Address;

/**
 * The moves of late, as far as they keep something from moving again. Immutable. Times are those of the snapshots.
 *
 * <p>What moves again soon after its rest rests twice as long the next time, up to 64 times: whatever the planner does not
 * see of a load, nothing goes to and fro for long. Quiet for twice its rest, it starts afresh.
 */
public final class PlannerHistory {
    public static final PlannerHistory NONE = new PlannerHistory(Map.of(), Map.of());

    private static final int DOUBLINGS_MAX = 6;

    private final Map<Identity, Moved> rebinds;
    private final Map<Integer, List<ShardMove>> relocations;

    private PlannerHistory(Map<Identity, Moved> rebinds, Map<Integer, List<ShardMove>> relocations) {
        this.rebinds = rebinds;
        this.relocations = relocations;
    }

    /** One bucket sent from one node to another. */
    record ShardMove(Address from, Address to, Moved moved, Action.Reason reason) {}

    /** @param times how often in a row, from 1 */
    record Moved(long atMillis, int times) {
        static final Moved NEVER = new Moved(Long.MIN_VALUE, 0);

        Moved again(long nowMillis) {
            return new Moved(nowMillis, Math.min(times + 1, DOUBLINGS_MAX + 1));
        }

        /** Whether so many rests have not passed yet. */
        boolean isWithin(long nowMillis, Duration rest, int rests) {
            return times > 0 && nowMillis - atMillis < (rest.toMillis() << (times - 1)) * rests;
        }
    }

    /** With these moves, and without those that are too old to matter. */
    public PlannerHistory after(List<Action> actions, long nowMillis, BalancerSettings settings) {
        if (actions.isEmpty() && rebinds.isEmpty() && relocations.isEmpty()) {
            return this;
        }
        Map<Identity, Moved> rebindsLeft = new HashMap<>(rebinds);
        rebindsLeft
                .values()
                .removeIf(moved -> !moved.isWithin(nowMillis, settings.rebind().rest(), 2));
        Map<Integer, List<ShardMove>> relocationsLeft = relocationsSince(nowMillis, settings);
        for (Action action : actions) {
            switch (action) {
                case Action.Rebind rebind ->
                    rebindsLeft.merge(
                            rebind.database(), Moved.NEVER.again(nowMillis), (moved, _) -> moved.again(nowMillis));
                case Action.Relocate(int shard, Address from, Address to, Action.Reason reason) ->
                    add(relocationsLeft.computeIfAbsent(shard, _ -> new ArrayList<>()), from, to, nowMillis, reason);
            }
        }
        return new PlannerHistory(rebindsLeft, relocationsLeft);
    }

    private static void add(List<ShardMove> moves, Address from, Address to, long nowMillis, Action.Reason reason) {
        Moved before = moves.isEmpty() ? Moved.NEVER : moves.getLast().moved();
        moves.add(new ShardMove(from, to, before.again(nowMillis), reason));
    }

    private Map<Integer, List<ShardMove>> relocationsSince(long nowMillis, BalancerSettings settings) {
        Map<Integer, List<ShardMove>> left = new HashMap<>();
        relocations.forEach((shard, moves) -> {
            List<ShardMove> young = new ArrayList<>(moves);
            young.removeIf(move -> !isRemembered(move, nowMillis, settings));
            if (!young.isEmpty()) {
                left.put(shard, young);
            }
        });
        return left;
    }

    private static boolean isRemembered(ShardMove move, long nowMillis, BalancerSettings settings) {
        long age = nowMillis - move.moved().atMillis();
        return move.moved().isWithin(nowMillis, settings.relocate().rest(), 2)
                || age < settings.returnAfter().toMillis()
                || age < settings.arriveWithin().toMillis();
    }

    boolean isResting(Identity database, long nowMillis, Duration rest) {
        return rebinds.getOrDefault(database, Moved.NEVER).isWithin(nowMillis, rest, 1);
    }

    boolean isResting(int shard, long nowMillis, Duration rest) {
        return newest(shard)
                .map(move -> move.moved().isWithin(nowMillis, rest, 1))
                .orElse(false);
    }

    /** Whether a bucket would come back to a node that it was moved from. */
    boolean isReturning(int shard, Address to, long nowMillis, Duration returnAfter) {
        return relocations.getOrDefault(shard, List.of()).stream()
                .anyMatch(move ->
                        move.from().equals(to) && nowMillis - move.moved().atMillis() < returnAfter.toMillis());
    }

    /** The newest move of a bucket that is still at the node it was sent from. */
    Optional<ShardMove> underWay(int shard, Address host, long nowMillis, Duration arriveWithin) {
        return newest(shard)
                .filter(move ->
                        move.from().equals(host) && nowMillis - move.moved().atMillis() < arriveWithin.toMillis());
    }

    Optional<ShardMove> newest(int shard) {
        List<ShardMove> moves = relocations.getOrDefault(shard, List.of());
        return moves.isEmpty() ? Optional.empty() : Optional.of(moves.getLast());
    }

    /** Whether a bucket is still where it was sent from, although it should have arrived. */
    boolean isLate(int shard, Address host, long nowMillis, Duration arriveWithin) {
        return newest(shard)
                .filter(move -> move.from().equals(host) && !move.to().equals(host))
                .filter(move -> !isYoung(move, nowMillis, arriveWithin))
                .isPresent();
    }

    boolean isYoung(ShardMove move, long nowMillis, Duration arriveWithin) {
        return nowMillis - move.moved().atMillis() < arriveWithin.toMillis();
    }
}
