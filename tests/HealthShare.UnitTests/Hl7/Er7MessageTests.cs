using System.Text;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7MessageTests
{
    private const string Sample =
        "MSH|^~\\&|APP|FAC|RAPP|RFAC|20240102030405||ORU^R01^ORU_R01|MSG-1|P|2.5.1\r" +
        "PID|1||111^^^HOSP&1.2.3&ISO^MR~222^^^OTHER^PI||DOE&VAN^JANE^\"\"||\"\"|F\r" +
        "OBX|1|NM|2345-7^Glucose^LN||101\rOBX|2|ST|X||\rZZZ|local|stuff\rOBX|3|TX|Y||a\\F\\b~c";

    [Theory]
    [InlineData("MSH-1", "|")]
    [InlineData("MSH-2", "^~\\&")]
    [InlineData("MSH-9", "ORU^R01^ORU_R01")]
    [InlineData("MSH-9.2", "R01")]
    [InlineData("PID-3(2).4.1", "OTHER")]
    [InlineData("PID-3.4.2", "1.2.3")]
    [InlineData("PID-3(2)", "222^^^OTHER^PI")]
    [InlineData("PID-5.1.1", "DOE")]
    [InlineData("PID-5.1.2", "VAN")]
    [InlineData("OBX[3]-5", "a|b~c")]
    [InlineData("OBX[3]-5(1)", "a|b")]
    [InlineData("OBX[3]-5(2).1.1", "c")]
    [InlineData("ZZZ-2", "stuff")]
    [InlineData("PID-99", "")]
    [InlineData("AL1-3", "")]
    public void A_path_finds_its_value(string path, string expected) => Assert.Equal(expected, Parse(Sample).Get(path).Text);

    [Fact]
    public void Absent_empty_and_null_are_three_things()
    {
        var message = Parse(Sample);
        var (absent, empty, nothing) = (message.Get("PID-30"), message.Get("PID-6"), message.Get("PID-7"));
        Assert.Equal((false, true, false), (absent.IsPresent, absent.IsEmpty, absent.IsNull));
        Assert.Equal((true, true, false), (empty.IsPresent, empty.IsEmpty, empty.IsNull));
        Assert.Equal((true, false, true), (nothing.IsPresent, nothing.IsEmpty, nothing.IsNull));
        Assert.True(message.Get("PID-5.3").IsNull);
        Assert.False(message.Get("NK1-1").IsPresent);
    }

    [Fact]
    public void Offsets_point_into_the_bytes_given()
    {
        var message = Parse("\u000b" + Sample);
        var value = message.Get("PID-3(2).4");
        Assert.Equal("OTHER", Encoding.UTF8.GetString(message.Bytes.Span.Slice(value.Offset, 5)));
    }

    [Fact]
    public void Unknown_segments_stay_in_their_place()
    {
        var message = Parse(Sample);
        var order = Enumerable.Range(0, message.SegmentCount).Select(i => Encoding.ASCII.GetString(message[i].Identifier));
        Assert.Equal(["MSH", "PID", "OBX", "OBX", "ZZZ", "OBX"], order);
        Assert.Equal(3, message.Count("OBX"u8));
    }

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r\r\n\n")]
    public void Any_line_end_ends_a_segment(string end)
    {
        var message = Parse(Sample.Replace("\r", end, StringComparison.Ordinal) + end);
        Assert.Equal(6, message.SegmentCount);
        Assert.Equal("F", message.Get("PID-8").Text);
    }

    [Theory]
    [InlineData("\uFEFF", "")]
    [InlineData("\u000b", "\u001c\r")]
    [InlineData("\u000b\uFEFF", "\r\u001c\r")]
    [InlineData("\r\n", "\r\n\r\n")]
    public void A_byte_order_mark_and_framing_at_the_outside_are_no_part_of_the_text(string before, string after)
    {
        var message = Parse(before + Sample + after);
        Assert.Equal(6, message.SegmentCount);
        Assert.Equal("c", message.Get("OBX[3]-5(2)").Text);
        Assert.Equal(before + Sample + after, Encoding.UTF8.GetString(message.Bytes.Span));
    }

    [Theory]
    [InlineData("", Er7Fault.HeaderMissing, 0)]
    [InlineData("PID|1", Er7Fault.HeaderMissing, 0)]
    [InlineData("MSH", Er7Fault.DelimitersInvalid, 3)]
    [InlineData("MSHA^~\\&A", Er7Fault.DelimitersInvalid, 3)]
    [InlineData("MSH|&&&&|x", Er7Fault.DelimitersInvalid, 5)]
    [InlineData("MSH|^~\\&#+|x", Er7Fault.DelimitersInvalid, 9)]
    [InlineData("MSH|^ \\&|x", Er7Fault.DelimitersInvalid, 5)]
    [InlineData("MSH|LAB|NORTH|NODE||20260301||ORU^R01|1|P|2.5\rPID|1||4711^^^NORTH^MR\r", Er7Fault.DelimitersInvalid, 4)] // without its MSH-2
    [InlineData("MSH|7|NORTH", Er7Fault.DelimitersInvalid, 4)]
    [InlineData("MSH|^~\\&|x\rPIDX|1\r", Er7Fault.SegmentInvalid, 14)]
    [InlineData("MSH|^~\\&|x\rPV|1\rOBX|1", Er7Fault.SegmentInvalid, 11)]
    [InlineData("MSH|^~\\&|x\rpid|1", Er7Fault.SegmentInvalid, 11)]
    [InlineData("MSH|^~\\&|x\rmore words", Er7Fault.SegmentInvalid, 11)]
    [InlineData("MSH|^~\\&|x\rMSH|^~\\&|y", Er7Fault.SeveralMessages, 11)]
    public void What_cannot_be_read_is_refused_with_its_place(string text, Er7Fault fault, int offset)
    {
        Assert.False(Er7Message.TryParse(Encoding.UTF8.GetBytes(text), null, out var message, out var error));
        Assert.Null(message);
        Assert.Equal((fault, offset), (error!.Fault, error.Offset));
        Assert.Contains($"byte {offset}", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_names_the_place_and_no_content()
    {
        var error = Assert.Throws<Er7Exception>(() => Parse("MSH|^~\\&|x\rPID|1||SECRET\rSECRET|1")).Error;
        Assert.Equal("segment 3, byte 28", error.Position);
        Assert.DoesNotContain("SECRET", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Utf_16_is_refused_by_name()
    {
        Assert.False(Er7Message.TryParse(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Sample)).ToArray(), null, out _, out var error));
        Assert.Equal(Er7Fault.EncodingUnsupported, error!.Fault);
    }

    [Fact]
    public void A_last_line_shorter_than_an_identifier_tells_that_the_message_was_cut()
    {
        Assert.True(Parse("MSH|^~\\&|x\rOB").EndsInsideIdentifier);
        Assert.False(Parse("MSH|^~\\&|x\rOBX").EndsInsideIdentifier);
    }

    [Fact]
    public void Limits_hold()
    {
        var bytes = Encoding.UTF8.GetBytes(Sample);
        Assert.False(Er7Message.TryParse(bytes, new Er7Limits(bytes.Length - 1, 10), out _, out var size));
        Assert.False(Er7Message.TryParse(bytes, new Er7Limits(bytes.Length, 5), out _, out var segments));
        Assert.Equal((Er7Fault.TooLarge, Er7Fault.TooManySegments), (size!.Fault, segments!.Fault));
        Assert.True(Er7Message.TryParse(bytes, new Er7Limits(bytes.Length, 6), out _, out _));
    }

    [Theory]
    [InlineData("MSH|^~\\&|A\rZZZ|odd\rEVN|A01\rPID|1||7\r", "PID-3", null)]
    [InlineData("MSH|^~\\&|A\rPV1|1\rOBX|1\rNK1|1\rPID|1||7\r", "PID-3.1", null)]
    [InlineData("MSH|^~\\&|A\rEVN|A01\r", "PID-3", "The message has no PID segment. At (PID), byte 19.")]
    [InlineData("MSH|^~\\&|A\rEVN|A01|xPID|1||7\r", "PID-3", "'PID' stands inside segment 2: a segment end may be missing before it. At segment 2 (PID), byte 20.")]
    [InlineData("MSH|^~\\&|A\rPID|1\r", "PID-3", "PID-3 is absent. At segment 2 (PID-3), byte 16.")]
    [InlineData("MSH|^~\\&|A\rPID|1||^^^H\r", "PID-3.1", "PID-3.1 is empty. At segment 2 (PID-3), byte 18.")]
    [InlineData("MSH|^~\\&|A\rPID|1||\"\"\r", "PID-3", "PID-3 is null (\"\"). At segment 2 (PID-3), byte 18.")]
    [InlineData("MSH|^~\\&|A\rOBX|1\r", "OBX[2]-1", "The message has fewer than 2 OBX segments.")]
    public void A_needed_value_is_found_wherever_its_segment_stands_or_its_absence_is_explained(string text, string path, string? refusal)
    {
        if (refusal is null)
            Assert.Equal("7", Parse(text).Require(path).Text);
        else
            Assert.Contains(refusal, Assert.Throws<Er7Exception>(() => Parse(text).Require(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Segments_of_an_identifier_come_in_their_order()
    {
        var values = new List<string>();
        foreach (var obx in Parse(Sample).Segments("OBX"u8))
            values.Add(obx.Field(1).Text);
        Assert.Equal(["1", "2", "3"], values);
        foreach (var none in Parse(Sample).Segments("AL1"u8))
            Assert.Fail($"{none.Index}");
    }

    [Fact]
    public void A_field_of_100_MB_and_nearly_a_million_segments_take_memory_by_their_number_alone()
    {
        var huge = new byte[100_000_000];
        huge.AsSpan().Fill((byte)'A');
        "MSH|^~\\&|A\rOBX|1|ED|x||"u8.CopyTo(huge);
        "|F"u8.CopyTo(huge.AsSpan(huge.Length - 2));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Er7Message.Parse(huge);
        Assert.Equal((99_999_975, "F"), (message.Get("OBX-5").Raw.Length, message.Get("OBX-6").Text));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);

        var many = Encoding.ASCII.GetBytes("MSH|^~\\&|A\r" + string.Concat(Enumerable.Repeat("ZZZ|1\r", 999_999)));
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(1_000_000, Er7Message.Parse(many).SegmentCount);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000_000);
    }

    [Fact]
    public void A_huge_field_and_very_many_segments_are_read()
    {
        var huge = Parse("MSH|^~\\&|A\rOBX|1|ED|x||" + new string('A', 20_000_000) + "\\F\\|F");
        Assert.Equal(20_000_001, huge.Get("OBX-5").Text.Length);
        var many = Parse("MSH|^~\\&|A\r" + string.Concat(Enumerable.Repeat("ZZZ|1\r", 900_000)));
        Assert.Equal((900_001, 900_000), (many.SegmentCount, many.Count("ZZZ"u8)));
        var deep = Parse("MSH|^~\\&|A\rOBX|1|TX|x||" + string.Concat(Enumerable.Repeat("\\", 2_000_001)) + "|F");
        Assert.Equal(2_000_001, deep.Get("OBX-5").Text.Length);
    }

    [Theory]
    [InlineData("MSH#!@%*#S#F\rPID#1##9!!!A*B!MR@8", "PID-3.4.2", "B")]
    [InlineData("MSH#!@%*#S#F\rPID#1##9!!!A*B!MR@8", "PID-3(2)", "8")]
    [InlineData("MSH!$r?@!S!F\rPID!1!!9$$$A@B$MRr8", "PID-3(2)", "8")] // a letter beside punctuation
    [InlineData("MSH|^~\\&#|S|F\rPID|1||9^a", "MSH-2", "^~\\&#")]
    [InlineData("MSH||S|F\rPID|1||9^a&b", "PID-3.2.2", "b")]
    [InlineData("MSH|*|S^1|F\rPID|1||9*a&b", "PID-3.2.2", "b")]
    [InlineData("MSH|^~\\\\&|S|F\rPID|1||9^a&b\\T\\c", "PID-3.2.2", "b&c")]
    public void Delimiters_come_from_the_header(string text, string path, string expected) =>
        Assert.Equal(expected, Parse(text).Get(path).Text);

    [Fact]
    public void A_missing_delimiter_takes_no_character_that_has_another_meaning()
    {
        var delimiters = Parse("MSH^~^S").Delimiters;
        Assert.Equal(((byte)'~', (byte)0, (byte)'\\', (byte)'&'),
            (delimiters.Component, delimiters.Repetition, delimiters.Escape, delimiters.Subcomponent));
    }

    [Theory]
    [InlineData("PID")]
    [InlineData("PID-0")]
    [InlineData("pid-3")]
    [InlineData("PID-3(0)")]
    [InlineData("PID-3.1.1.1")]
    [InlineData("PID[0]-3")]
    [InlineData("PID-3\n")]
    [InlineData("PID-99999999999")]
    public void A_path_of_another_form_is_refused(string path) => Assert.Throws<FormatException>(() => Er7Path.Parse(path));

    [Theory]
    [InlineData("PID-3(2).4.1")]
    [InlineData("OBX[3]-5")]
    [InlineData("MSH-9.2")]
    public void A_path_prints_as_it_was_written(string path) => Assert.Equal(path, Er7Path.Parse(path).ToString());

    private static Er7Message Parse(string text) => Er7Message.Parse(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("MSH|^~\\&|LAB||X~Y|20260301\rPID|1||4711^^^A~~4712~||\rNTE\rZZZ|\r")]
    [InlineData("MSH|^~\\&\rPID|a~b|c")]
    [InlineData("MSH|^\rPID|a~b|c")]
    public void Fields_and_repetitions_in_one_pass_are_those_by_number(string text)
    {
        var message = Er7Message.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        for (var i = 0; i < message.SegmentCount; i++)
        {
            var segment = message[i];
            Assert.Equal(Enumerable.Range(1, segment.FieldCount).Select(number => At(segment.Field(number))), segment.Fields().Select(At));
            foreach (var field in segment.Fields())
                Assert.Equal(Enumerable.Range(1, field.RepetitionCount).Select(number => At(field.Repetition(number))), field.Repetitions().Select(At));
        }
        Assert.Empty(default(Er7Segment).Fields());

        static (int, string) At(Er7Value value) => (value.Offset, value.RawText);
    }
}
