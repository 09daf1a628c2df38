package io.sietch.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The rates of a run as bars, one for each contender of a case. Cases whose names begin alike, up to a colon, share a
 * chart; so do all of one metric that have no colon. What is no rate is not drawn.
 */
public final class RatePlot {
    private static final int WIDTH = 1200;
    private static final int BAR_HEIGHT = 9;
    private static final int CASE_GAP = 16;
    private static final int CASE_HEIGHT_MIN = 75; // with less, every other name is left out
    private static final int FRAME_HEIGHT = 110;

    static {
        // A drawing goes to a file; no screen is asked for.
        System.setProperty("java.awt.headless", "true");
    }

    private final Results results;
    private final SequencedSet<String> contenders = new LinkedHashSet<>();
    private final Map<Panel, SequencedSet<String>> panels = new LinkedHashMap<>();

    private record Panel(String group, String metric) {
        private static final String COLON = ": ";

        static Panel of(Results.Key key) {
            String name = key.caseName();
            return new Panel(name.substring(0, Math.max(0, name.indexOf(COLON))), key.metric());
        }

        String title(String of) {
            return of + (group.isEmpty() ? "" : ", " + group) + COLON + metric;
        }

        String label(String caseName) {
            return group.isEmpty() ? caseName : caseName.substring(group.length() + COLON.length());
        }
    }

    private RatePlot(Results results) {
        this.results = results;
        for (Results.Key key : results.all().keySet()) {
            if (key.metric().endsWith("/s")) {
                contenders.add(key.contender());
                panels.computeIfAbsent(Panel.of(key), panel -> new LinkedHashSet<>())
                        .add(key.caseName());
            }
        }
    }

    /** Why nothing can be drawn here, if so: this Java may find no font to write with. */
    public static @Nullable String obstacle() {
        try {
            new Font(Font.SANS_SERIF, Font.PLAIN, 10).getStringBounds("0", new FontRenderContext(null, true, true));
            return null;
        } catch (RuntimeException | LinkageError | InternalError e) {
            return "this Java finds no font (" + e.getMessage() + "): install fontconfig and a font, as DejaVu";
        }
    }

    /**
     * Draws the medians.
     *
     * @throws IOException if there is no rate
     */
    static byte[] png(String title, Results results) throws IOException {
        RatePlot plot = new RatePlot(results);
        if (plot.panels.isEmpty()) {
            throw new IOException("no plot of " + title + ": no rate was measured");
        }
        List<BufferedImage> charts = new ArrayList<>();
        plot.panels.forEach(
                (panel, cases) -> charts.add(BitmapEncoder.getBufferedImage(plot.chart(title, panel, cases))));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(stacked(charts), "png", out);
        return out.toByteArray();
    }

    private static BufferedImage stacked(List<BufferedImage> charts) {
        int height = charts.stream().mapToInt(BufferedImage::getHeight).sum();
        BufferedImage all = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D drawing = all.createGraphics();
        int y = 0;
        for (BufferedImage chart : charts) {
            drawing.drawImage(chart, 0, y, null);
            y += chart.getHeight();
        }
        drawing.dispose();
        return all;
    }

    private HorizontalBarChart chart(String title, Panel panel, Set<String> cases) {
        HorizontalBarChart chart = new HorizontalBarChartBuilder()
                .width(WIDTH)
                .height(FRAME_HEIGHT
                        + cases.size() * Math.max(CASE_HEIGHT_MIN, contenders.size() * BAR_HEIGHT + CASE_GAP))
                .title(panel.title(title))
                .build();
        chart.getStyler()
                .setLabelsVisible(false)
                .setLegendPosition(LegendPosition.OutsideE)
                .setChartBackgroundColor(Color.WHITE)
                .setDecimalPattern("#,##0");
        List<String> labels = cases.stream().map(panel::label).toList();
        for (String who : contenders) {
            List<Double> bars = new ArrayList<>();
            for (String name : cases) {
                double median = results.get(name, who, panel.metric()).median();
                bars.add(Double.isNaN(median) ? 0 : median); // no bar
            }
            chart.addSeries(who, bars, labels);
        }
        return chart;
    }
}
