package io.pinion.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The configuration of a node. What wins, first to last: what the command line says, system properties, the operator's
 * file, how a node sets up Pekko, the defaults of all parts.
 */
public final class NodeConfig {
    private NodeConfig() {}

    /**
     * Puts the layers together.
     *
     * @param overrides keys to values, as {@code pinion.http.port} to 3001
     * @throws NodeStartException if the file cannot be read, or names a {@code pinion} key that does not exist
     */
    public static Config load(Map<String, ?> overrides, Optional<Path> file) throws NodeStartException {
        Config defaults = ConfigFactory.parseResources(NodeConfig.class.getClassLoader(), "pinion-node.conf")
                .withFallback(ConfigFactory.defaultReferenceUnresolved());
        try {
            Config operator = file.isPresent() ? parse(file.get()) : ConfigFactory.empty();
            Config given = ConfigFactory.parseMap(overrides)
                    .withFallback(ConfigFactory.systemProperties())
                    .withFallback(operator);
            requireKnownKeys(given, defaults);
            return given.withFallback(defaults).resolve();
        } catch (ConfigException e) {
            throw new NodeStartException("the configuration is wrong: " + e.getMessage(), e);
        }
    }

    private static Config parse(Path file) {
        return ConfigFactory.parseFile(
                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    }

    /** A misspelt key would otherwise be ignored in silence. */
    private static void requireKnownKeys(Config given, Config defaults) throws NodeStartException {
        if (!given.hasPath("pinion")) {
            return;
        }
        requireKnown(List.of("pinion"), given, defaults.resolve());
    }

    private static void requireKnown(List<String> path, Config given, Config known) throws NodeStartException {
        String text = ConfigUtil.joinPath(path);
        if (!known.hasPathOrNull(text)) {
            throw new NodeStartException("the configuration is wrong: there is no key " + text);
        }
        if (given.getValue(text) instanceof ConfigObject section) {
            for (String key : section.keySet()) {
                requireKnown(Stream.concat(path.stream(), Stream.of(key)).toList(), given, known);
            }
        }
    }
}
