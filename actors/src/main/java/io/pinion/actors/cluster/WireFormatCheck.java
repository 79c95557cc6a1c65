package io.pinion.actors.cluster;

import com.typesafe.config.Config;
import java.util.List;
import org.apache.pekko.cluster.ConfigValidation;
import org.apache.pekko.cluster.Invalid;
import org.apache.pekko.cluster.JoinConfigCompatChecker;
import org.apache.pekko.cluster.Valid;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Asked by Pekko on both sides when a node joins: whether each of the two reads what the other writes. A node that does not
 * say is of the first version.
 */
public final class WireFormatCheck extends JoinConfigCompatChecker {
    private static final String WRITES = "pinion.wire-format.writes";
    private static final String READS = "pinion.wire-format.reads";

    @Override
    public Seq<String> requiredKeys() {
        return sequence(List.of(WRITES, READS));
    }

    @Override
    public ConfigValidation check(Config other, Config self) {
        int otherWrites = version(other, WRITES);
        int selfReads = version(self, READS);
        int selfWrites = version(self, WRITES);
        int otherReads = version(other, READS);
        if (otherWrites > selfReads) {
            return invalid("the other node writes version " + otherWrites
                    + " of Pinion's wire format, and this one reads no later one than " + selfReads);
        }
        if (selfWrites > otherReads) {
            return invalid("this node writes version " + selfWrites
                    + " of Pinion's wire format, and the other one reads no later one than " + otherReads);
        }
        return Valid.getInstance();
    }

    private static int version(Config config, String key) {
        return config.hasPath(key) ? config.getInt(key) : 1;
    }

    private static ConfigValidation invalid(String reason) {
        return new Invalid(sequence(List.of(reason + ": update the nodes of a cluster one version at a time")));
    }

    private static Seq<String> sequence(List<String> items) {
        return CollectionConverters.asScala(items).toSeq();
    }
}
