package io.pinion.journal;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The journal serves any Pekko application, so it knows nothing of Pinion. */
class ArchitectureTest {
    @Test
    void knowsOnlyPekkoRocksDbAndSlf4j() {
        classes()
                .that()
                .resideInAPackage("io.pinion.journal..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.journal..",
                        "java..",
                        "scala..",
                        "com.typesafe.config..",
                        "org.apache.pekko..",
                        "org.rocksdb..",
                        "org.slf4j..",
                        "org.jspecify.annotations..")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.pinion.journal"));
    }
}
