package io.pinion.actors.core;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads {@code pinion.cores.reserve}; what depends on the machine is checked by {@link CpuChoice}. */
final class ReserveReader {
    static final String KEY = "pinion.cores.reserve";

    private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)\\s*%");
    private static final Pattern COUNT = Pattern.compile("\\d{1,6}");

    private ReserveReader() {}

    /** @throws ConfigException naming the key and what is allowed, if it is missing or wrong */
    static Reserve read(Config config) {
        ConfigValue value = config.getValue(KEY);
        return switch (value.valueType()) {
            case LIST -> list(value, config.getAnyRefList(KEY));
            case NUMBER, STRING -> scalar(value, config.getString(KEY).strip());
            case OBJECT, BOOLEAN, NULL -> throw wrong(value, "");
        };
    }

    private static Reserve scalar(ConfigValue value, String text) {
        if (text.equals("auto")) {
            return Reserve.Auto.INSTANCE;
        }
        Matcher percent = PERCENT.matcher(text);
        if (percent.matches()) {
            double number = Double.parseDouble(percent.group(1));
            if (number > 0 && number < 100) {
                return new Reserve.Percent(number);
            }
        } else if (COUNT.matcher(text).matches()) {
            int count = Integer.parseInt(text);
            if (count >= 1 && count <= Reserve.COUNT_MAX) {
                return new Reserve.Count(count);
            }
        }
        throw wrong(value, "");
    }

    private static Reserve list(ConfigValue value, List<?> elements) {
        CpuMask cpus;
        try {
            cpus = CpuMask.parse(elements.stream().map(String::valueOf).collect(Collectors.joining(",")));
        } catch (IllegalArgumentException e) {
            throw wrong(value, ": " + e.getMessage());
        }
        if (cpus.isEmpty() || cpus.size() > Reserve.COUNT_MAX) {
            throw wrong(value, "");
        }
        return new Reserve.Cpus(cpus);
    }

    private static ConfigException wrong(ConfigValue value, String detail) {
        return new ConfigException.BadValue(
                value.origin(),
                KEY,
                "has to be auto, a count from 1 to " + Reserve.COUNT_MAX
                        + ", a part of the CPUs as in \"50%\" (more than 0%,"
                        + " less than 100%) or a list of CPUs as in [2, 3] or [\"2-5\", 8], but is "
                        + value.render(ConfigRenderOptions.concise()) + detail);
    }
}
