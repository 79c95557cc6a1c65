package io.pinion.actors.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** Reads one section of the configuration and checks ranges; every error names the full key. Immutable. */
public final class ConfigReader {
    private final Config root;
    private final String prefix;

    private ConfigReader(Config root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    public static ConfigReader at(Config root, String path) {
        return new ConfigReader(root, path);
    }

    public ConfigReader section(String name) {
        return new ConfigReader(root, key(name));
    }

    /** @throws ConfigException.BadValue if it is outside the bounds, both inclusive */
    public int integer(String name, int min, int max) {
        return Math.toIntExact(bounded(name, root.getInt(key(name)), min, max, ""));
    }

    /** @throws ConfigException.BadValue if it is outside the bounds, both inclusive */
    public int bytes(String name, int min, int max) {
        return Math.toIntExact(bounded(name, root.getBytes(key(name)), min, max, " bytes"));
    }

    /** As {@link #bytes}, where that is too small. */
    public long longBytes(String name, long min, long max) {
        return bounded(name, root.getBytes(key(name)), min, max, " bytes");
    }

    /**
     * A share such as {@code 85%}.
     *
     * @throws ConfigException.BadValue if it is none, or outside the bounds, both inclusive
     */
    public int percent(String name, int min, int max) {
        String value = root.getString(key(name)).strip();
        if (!value.matches("\\d{1,3} *%")) {
            throw bad(name, "has to be a percentage such as " + max + "% but is " + value);
        }
        String digits = value.substring(0, value.length() - 1).strip();
        return Math.toIntExact(bounded(name, Long.parseLong(digits), min, max, "%"));
    }

    /** @throws ConfigException.BadValue if it is outside the bounds, both inclusive */
    public Duration duration(String name, Duration min, Duration max) {
        Duration value = root.getDuration(key(name));
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw bad(name, "has to lie between " + min + " and " + max + " but is " + value);
        }
        return value;
    }

    public boolean flag(String name) {
        return root.getBoolean(key(name));
    }

    /** @throws ConfigException.BadValue if it is blank */
    public String text(String name) {
        String value = root.getString(key(name));
        if (value.isBlank()) {
            throw bad(name, "may not be blank");
        }
        return value;
    }

    /** As they are; none, some or many. */
    public List<String> texts(String name) {
        return List.copyOf(root.getStringList(key(name)));
    }

    /** @throws ConfigException.BadValue with the message of what the parser throws: {@link IllegalArgumentException} */
    public <T> List<T> each(String name, Function<String, T> parser) {
        try {
            return texts(name).stream().map(parser).toList();
        } catch (IllegalArgumentException e) {
            throw bad(name, String.valueOf(e.getMessage()));
        }
    }

    /** @throws ConfigException.BadValue if it is blank or no path */
    public Path path(String name) {
        String value = text(name);
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw bad(name, "is not a path: " + e.getMessage());
        }
    }

    private long bounded(String name, long value, long min, long max, String unit) {
        if (value < min || value > max) {
            throw bad(name, "has to lie between " + min + " and " + max + unit + " but is " + value);
        }
        return value;
    }

    private ConfigException.BadValue bad(String name, String problem) {
        return new ConfigException.BadValue(root.getValue(key(name)).origin(), key(name), problem);
    }

    private String key(String name) {
        return prefix + "." + name;
    }
}
