package io.pinion.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

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
        Config known = defaults.resolve();
        for (String key : given.getConfig("pinion").root().keySet()) {
            requireKnown("pinion." + key, given, known);
        }
    }

    private static void requireKnown(String path, Config given, Config known) throws NodeStartException {
        if (!known.hasPathOrNull(path)) {
            throw new NodeStartException("the configuration is wrong: there is no key " + path);
        }
        boolean isSection = given.getValue(path).valueType() == com.typesafe.config.ConfigValueType.OBJECT;
        if (!isSection) {
            return;
        }
        for (String key : given.getConfig(path).root().keySet()) {
            requireKnown(path + "." + com.typesafe.config.ConfigUtil.quoteString(key), given, known);
        }
    }
}
