package io.pinion.actors.cluster;

import static io.pinion.actors.cluster.ReplicatedBucketRecords.placed;
import static io.pinion.actors.cluster.ReplicatedBucketRecords.wished;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.junit.jupiter.api.Test;

/** What becomes of records that two nodes write, each before it has heard of the other. */
class ReplicatedBucketRecordsTest {
    private static final Address HERE = new Address("pekko", "pinion", "127.0.0.1", 1);
    private static final Address THERE = new Address("pekko", "pinion", "127.0.0.1", 2);
    private static final SelfUniqueAddress COORDINATOR = new SelfUniqueAddress(new UniqueAddress(HERE, 11L));
    private static final SelfUniqueAddress OTHER = new SelfUniqueAddress(new UniqueAddress(THERE, 12L));
    private static final LWWMap<String, String> NOTHING = LWWMap.create();

    private static void assertMerged(Address expected, LWWMap<String, String> one, LWWMap<String, String> other) {
        Map<String, String> records = Map.of("7", expected.toString());
        assertEquals(records, one.merge(other).getEntries());
        assertEquals(records, other.merge(one).getEntries());
    }

    @Test
    void aPlacementGivesWayToAWishThatItsNodeHasNotHeardOf() {
        LWWMap<String, String> wish = wished(NOTHING, OTHER, "7", THERE);

        assertMerged(THERE, wish, placed(NOTHING, COORDINATOR, "7", null, HERE));
    }

    @Test
    void aPlacementInPlaceOfAnOldWishGivesWayToANewOne() {
        LWWMap<String, String> old = wished(NOTHING, OTHER, "7", THERE);
        LWWMap<String, String> again = placed(old, COORDINATOR, "7", THERE, HERE);
        assertMerged(HERE, old, again);

        assertMerged(THERE, again, wished(wished(old, OTHER, "7", HERE), OTHER, "7", THERE));
    }

    @Test
    void aPlacementGivesWayToAWishThatCameWhileItWasMade() {
        LWWMap<String, String> wish = wished(NOTHING, OTHER, "7", THERE);

        assertMerged(THERE, wish, placed(wish, COORDINATOR, "7", null, HERE));
        assertMerged(THERE, wish, placed(wish, COORDINATOR, "7", HERE, HERE));
    }

    @Test
    void theNewestWishCounts() {
        LWWMap<String, String> first = wished(NOTHING, OTHER, "7", THERE);

        assertMerged(HERE, first, wished(first, COORDINATOR, "7", HERE));
    }
}
