package io.pinion.store.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PointerSetTest {
    /** Neighbours of each other, as rows of one transaction are, and some from all over. */
    private static int pointer(Random random) {
        return 1 + (random.nextInt(4) == 0 ? random.nextInt(Integer.MAX_VALUE - 1) : random.nextInt(2000));
    }

    @Property(tries = 50)
    void whatIsAddedIsThereUntilAllIsNamedInAnyOrder(@ForAll long seed) {
        Random random = new Random(seed);
        PointerSet set = new PointerSet();
        // One after the other, as transactions use it, so that what one leaves behind shows in the next.
        for (int transaction = 0; transaction < 20; transaction++) {
            Set<Integer> expected = new HashSet<>();
            int size = random.nextInt(random.nextInt(5) == 0 ? 6000 : 20);
            for (int i = 0; i < size; i++) {
                int pointer = pointer(random);
                set.reserve(2);
                assertEquals(!expected.add(pointer), set.contains(pointer));
                if (!set.contains(pointer)) {
                    set.add(pointer);
                }
            }
            for (int i = 0; i < 200; i++) {
                int pointer = pointer(random);
                assertEquals(expected.contains(pointer), set.contains(pointer));
            }
            List<Integer> named = new ArrayList<>(expected);
            Collections.shuffle(named, random);
            // Some twice: what was interrupted is done again from its beginning.
            named.subList(0, named.size() / 2).forEach(set::empty);
            named.forEach(set::empty);
            set.emptied();
            expected.forEach(pointer -> assertFalse(set.contains(pointer)));
        }
    }

    @Test
    void anEmptySetHoldsNothing() {
        PointerSet set = new PointerSet();

        assertFalse(set.contains(1));
        set.empty(1);
        set.emptied();
        assertFalse(set.contains(1));
    }
}
