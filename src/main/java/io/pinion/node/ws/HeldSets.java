package io.pinion.node.ws;

import io.pinion.actors.subscription.HeldSet;
import io.pinion.actors.subscription.SetKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sets of one connection of which its client was told the rows, and is told every change. Used by one thread. */
final class HeldSets {
    private final Map<Integer, HeldSet> byId = new TreeMap<>();
    private @Nullable HeldSet nameless;

    void add(ClientMessage.Subscribe subscribed) {
        HeldSet set = new HeldSet(subscribed.setId(), subscribed.kind(), subscribed.queries());
        if (set.kind() == SetKind.LEGACY) {
            nameless = set;
        } else {
            byId.put(set.setId(), set);
        }
    }

    /** @param setId null for all */
    void remove(@Nullable Integer setId) {
        if (setId == null) {
            byId.clear();
            nameless = null;
        } else {
            byId.remove(setId);
        }
    }

    List<HeldSet> all() {
        List<HeldSet> all = new ArrayList<>(byId.values());
        HeldSet last = nameless;
        if (last != null) {
            all.add(last);
        }
        return all;
    }
}
