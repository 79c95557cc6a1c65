package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.apache.pekko.cluster.Invalid;
import org.apache.pekko.cluster.Valid;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class WireFormatCheckTest {
    private final WireFormatCheck check = new WireFormatCheck();

    private static Config node(int writes, int reads) {
        return ConfigFactory.parseString("pinion.wire-format { writes = %d, reads = %d }".formatted(writes, reads));
    }

    private String refusal(Config other, Config self) {
        Invalid invalid = assertInstanceOf(Invalid.class, check.check(other, self));
        return String.join("\n", CollectionConverters.asJava(invalid.errorMessages()));
    }

    @Test
    void nodesThatUnderstandEachOtherGoTogether() {
        assertEquals(Valid.getInstance(), check.check(node(1, 1), node(1, 1)));
        assertEquals(Valid.getInstance(), check.check(node(1, 2), node(1, 1)));
        assertEquals(Valid.getInstance(), check.check(node(1, 2), node(2, 2)));
        assertEquals(Valid.getInstance(), check.check(ConfigFactory.empty(), node(1, 2)));
    }

    @Test
    void whicheverWritesWhatTheOtherDoesNotReadIsNamed() {
        String ofOther = refusal(node(2, 2), node(1, 1));
        assertTrue(ofOther.startsWith("the other node writes version 2"), ofOther);
        assertTrue(ofOther.contains("reads no later one than 1"), ofOther);

        String ofSelf = refusal(node(1, 1), node(2, 2));
        assertTrue(ofSelf.startsWith("this node writes version 2"), ofSelf);
        assertTrue(refusal(ConfigFactory.empty(), node(3, 3)).contains("writes version 3"));
    }

    @Test
    void bothKeysAreTold() {
        assertEquals(
                List.of("pinion.wire-format.writes", "pinion.wire-format.reads"),
                CollectionConverters.asJava(check.requiredKeys()));
    }
}
