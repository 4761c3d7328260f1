package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class PageTest {
  private static final String PAGE = Page.html(SampleStudy.records(1));

  @Test
  void everyPictureIsThereTwiceAndIsWellFormed() throws Exception {
    Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(PAGE);
    int wide = 0;
    int narrow = 0;
    while (svg.find()) {
      DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg.group())));
      assertTrue(svg.group().contains("aria-label=\""), "pictures have words for those who do not see them");
      assertFalse(svg.group().contains("NaN"), svg.group());
      wide += svg.group().contains("plot wide") ? 1 : 0;
      narrow += svg.group().contains("plot narrow") ? 1 : 0;
    }
    assertEquals(wide, narrow);
    for (String id : List.of("headline", "report", "waterfall", "pareto", "length", "batch", "memory", "roofline", "study-precision-one",
        "study-flow-steps-one", "cells", "conditions")) {
      assertTrue(PAGE.contains("<section id=\"" + id + "\">"), id);
    }
    assertEquals(8, wide, "waterfall, pareto, two studies, two scalings, memory, roofline");
  }

  @Test
  void needsNothingFromElsewhereAndRunsNothing() {
    assertFalse(PAGE.matches("(?s).*(<script|<link|<img|<iframe|@import|url\\(|src=|href=|http:|https:| on[a-z]+=).*"),
        "no external file, no script, no network");
  }

  @Test
  void hostileTextsOfRecordsStayTexts() {
    assertTrue(PAGE.contains("jcuda &lt;script&gt;alert(1)&lt;/script&gt;"));
    assertTrue(PAGE.contains("invented &amp; &lt;b&gt;bold&lt;/b&gt;"));
    assertTrue(PAGE.contains("JCuda&#39;s natives are &quot;not&quot; here &amp; now"));
    assertFalse(PAGE.contains("<b>bold</b>") || PAGE.contains("odd\" note <i>"));
    assertEquals("a b &lt;\u00e9\ud83d\ude00 ", Html.text("a\u0000b <\u00e9\ud83d\ude00\ud800"));
  }

  @Test
  void everySpeedStandsWithConfigurationAndPrice() {
    Matcher card = Pattern.compile("<div class=\"card\">.*?</div></div>", Pattern.DOTALL).matcher(PAGE);
    int cards = 0;
    while (card.find()) {
      assertTrue(card.group().contains("class=\"configuration\">an invented GPU") && card.group().contains("beams 1")
          && card.group().contains("steps 25"), card.group());
      assertTrue(card.group().contains("codes equal") || card.group().contains("same bytes"), card.group());
      cards++;
    }
    assertEquals(6, cards);
    assertEquals(PAGE.split("class=\"plot wide\"", -1).length + PAGE.split("class=\"card\"", -1).length + 2 - 2,
        PAGE.split("class=\"configuration\"", -1).length - 1, "one for each picture, card and both tables");
  }

  @Test
  void whatALikenessMeansInThisModelStandsAboveTheTable() {
    assertTrue(PAGE.contains("changes to an SNR of 41.5 dB when each number of the voice"));
  }

  @Test
  void aKernelOfOnesOwnStandsBesideOurs() {
    assertTrue(PAGE.contains("<section id=\"own-kernels\">"));
    assertTrue(PAGE.contains("<td>layer_norm</td><td>t=7 c=1280</td><td>30</td><td>4.00 us</td><td>cuda</td><td>2.00 us</td><td>×2.00</td>"));
    assertTrue(PAGE.contains("<td>all that were timed</td><td></td><td></td><td>120 us</td><td></td><td>60.0 us</td><td>×2.00</td>"));
    assertTrue(PAGE.contains("<td>t=9</td><td>2</td><td>5.00 us</td><td>-</td><td>not timed</td><td></td>"));
  }

  @Test
  void theNumbersAreThoseOfTheRecords() {
    Cells cells = new Cells(SampleStudy.records(1));
    var full = cells.find("report", "one", "full").orElseThrow();
    var baseline = cells.find("report", "one", "baseline").orElseThrow();
    double expected = baseline.timings().get("total").median() / full.timings().get("total").median();
    assertEquals(expected, cells.speedUp(full).orElseThrow().value(), 1e-12);
    assertTrue(PAGE.contains("<div class=\"number\">" + Show.times(expected) + "</div><div class=\"what\">full against baseline</div>"));
    assertTrue(cells.speedUp(baseline).isEmpty());
  }

  @Test
  void whatIsMissingIsSaid() {
    String empty = Page.html(List.of());
    for (String words : List.of("0 cells measured", "<b>Roofline</b> is left out: no record has both",
        "<b>From baseline to full</b> is left out:", "<b>Scaling with batch</b> is left out:")) {
      assertTrue(empty.contains(words), words);
    }
    assertFalse(empty.contains("<svg"));
    assertTrue(PAGE.contains("--gemm jcublas with --fusion on"));
  }
}
