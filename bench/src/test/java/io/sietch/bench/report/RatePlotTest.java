package io.sietch.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RatePlotTest {
    private final Results results = new Results(1);

    @BeforeEach
    void needsAFont() {
        String obstacle = RatePlot.obstacle();
        assumeTrue(obstacle == null, "skipped: " + obstacle);
    }

    private BufferedImage drawn() throws IOException {
        return ImageIO.read(new ByteArrayInputStream(RatePlot.png("Table", results)));
    }

    /** In the middle of the picture, where there are bars and no words. */
    private static Set<Integer> colours(BufferedImage image) {
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++) {
            colours.add(image.getRGB(image.getWidth() / 3, y));
        }
        return colours;
    }

    @Test
    void eachContenderHasABarOfItsColour() throws IOException {
        results.put(0, "get", "ours", "ops/s", 900);
        Set<Integer> one = colours(drawn());
        results.put(0, "get", "theirs", "ops/s", 1000);
        assertThat(colours(drawn())).hasSizeGreaterThan(one.size());
    }

    @Test
    void casesOfOneGroupShareAChartAndOthersHaveTheirOwn() throws IOException {
        results.put(0, "1 M: get", "ours", "ops/s", 900);
        int chart = drawn().getHeight();
        results.put(0, "10 M: get", "ours", "ops/s", 900);
        assertThat(drawn().getHeight()).isEqualTo(2 * chart);
        results.put(0, "10 M: put", "ours", "ops/s", 900);
        assertThat(drawn().getHeight()).isGreaterThan(2 * chart).isLessThan(3 * chart);
    }

    @Test
    void whatIsMissingDoesNoHarmAndWhatIsNoRateIsNotDrawn() throws IOException {
        results.put(0, "get", "ours", "ops/s", 900);
        results.put(0, "put", "theirs", "ops/s", 100);
        int height = drawn().getHeight();
        results.put(0, "open", "ours", "ms", 12);
        assertThat(drawn().getHeight()).isEqualTo(height);
    }

    @Test
    void nothingToDrawIsSaid() {
        results.put(0, "open", "ours", "ms", 12);
        assertThatThrownBy(() -> RatePlot.png("Table", results))
                .isInstanceOf(IOException.class)
                .hasMessage("no plot of Table: no rate was measured");
    }
}
