using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Values;

namespace HealthShare.UnitTests.Hl7;

public sealed class ValuesTests
{
    [Theory]
    [InlineData("2024", "2024-01-01T00:00:00", TimestampPrecision.Year, null)]
    [InlineData("202402", "2024-02-01T00:00:00", TimestampPrecision.Month, null)]
    [InlineData("20240229", "2024-02-29T00:00:00", TimestampPrecision.Day, null)]
    [InlineData("2024022913", "2024-02-29T13:00:00", TimestampPrecision.Hour, null)]
    [InlineData("202402291304", "2024-02-29T13:04:00", TimestampPrecision.Minute, null)]
    [InlineData("20240229130405", "2024-02-29T13:04:05", TimestampPrecision.Second, null)]
    [InlineData("20240229130405.1234", "2024-02-29T13:04:05.1234", TimestampPrecision.Fraction, null)]
    [InlineData("20240229130405.5-0500", "2024-02-29T13:04:05.5", TimestampPrecision.Fraction, -300)]
    [InlineData("202402291304+0545", "2024-02-29T13:04:00", TimestampPrecision.Minute, 345)]
    [InlineData("20240229+0100", "2024-02-29T00:00:00", TimestampPrecision.Day, 60)]
    public void A_time_keeps_its_precision_and_zone(string text, string local, TimestampPrecision precision, int? minutes)
    {
        Assert.True(Hl7Timestamp.TryParse(Encoding.ASCII.GetBytes(text), out var time));
        Assert.Equal(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture), time.Local);
        Assert.Equal((precision, minutes), (time.Precision, (int?)time.Offset?.TotalMinutes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("202")]
    [InlineData("20230229")]
    [InlineData("20241301")]
    [InlineData("2024022924")]
    [InlineData("2024-02-29")]
    [InlineData("20240229130405.")]
    [InlineData("202402291304.5")]
    [InlineData("20240229+01")]
    [InlineData("20240229+2500")]
    [InlineData("0000")]
    [InlineData("20240229130460")]
    [InlineData("99999999999999999999999999999999999999")]
    public void What_is_no_time_is_refused(string text) => Assert.False(Hl7Timestamp.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("20240701120000+0000", "2024-07-01T12:00:00Z")]
    [InlineData("20240701120000-0500", "2024-07-01T17:00:00Z")]
    [InlineData("20240701120000", "2024-07-01T10:00:00Z")]
    [InlineData("20240101120000", "2024-01-01T11:00:00Z")]
    [InlineData("20240331023000", "2024-03-31T01:30:00Z")]
    [InlineData("00010101", "0001-01-01T00:00:00Z")]
    public void A_time_without_zone_is_taken_in_the_zone_assumed(string text, string utc)
    {
        Assert.True(Hl7Timestamp.TryParse(Encoding.ASCII.GetBytes(text), out var time));
        var berlin = TimeZoneInfo.CreateCustomTimeZone("t", TimeSpan.FromHours(1), "t", "t", "t",
            [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday))]);
        Assert.Equal(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), time.ToUtc(berlin));
    }

    [Fact]
    public void Identifiers_come_with_their_authority_and_empty_ones_are_passed_over()
    {
        var message = Parse("MSH|^~\\&|A|F&9.9&ISO\rPID|1||111^^^HOSP&1.2.3&ISO^MR~\"\"~~ 22 ^^^LAB^PI~33");
        var all = PatientIdentifier.ReadAll(message);
        Assert.Equal(["111", "22", "33"], all.Select(i => i.Id));
        Assert.Equal(["ISO:1.2.3", "LAB", ""], all.Select(i => i.Authority.Key));
        Assert.Equal(["MR", "PI", ""], all.Select(i => i.Type));
    }

    [Theory]
    [InlineData("111^^^\"\"^MR")]
    [InlineData("111^^^\"\"&\"\"&\"\"^\"\"")]
    [InlineData("111^^^ & ^MR")]
    public void An_authority_that_is_null_or_blank_is_none(string number) =>
        Assert.True(Assert.Single(PatientIdentifier.ReadAll(Parse($"MSH|^~\\&|A|F\rPID|1||{number}"))).Authority is { IsEmpty: true, Key: "" });

    [Fact]
    public void A_header_is_read_unescaped()
    {
        var header = MessageHeader.Read(Parse(
            "MSH|^~\\&|A\\T\\B|FAC^1.2^ISO|R|RF|202401020304+0100||ADT^A08^ADT_A01|C\\F\\1|P^T|2.5.1^X|||AL|NE||8859/1"));
        Assert.Equal(("A&B", "FAC", "ISO:1.2"), (header.SendingApplication.Namespace, header.SendingFacility.Namespace, header.SendingFacility.Key));
        Assert.Equal(("ADT", "A08", "C|1", "P", "2.5.1"),
            (header.MessageCode, header.TriggerEvent, header.ControlId, header.ProcessingId, header.Version));
        Assert.Equal(("AL", "NE", "8859/1"), (header.AcceptAcknowledgement, header.ApplicationAcknowledgement, header.CharacterSet));
        Assert.Equal(TimeSpan.FromHours(1), header.Time!.Value.Offset);
    }

    [Fact]
    public void A_coded_value_and_a_name_are_read_by_component()
    {
        var message = Parse("MSH|^~\\&|A\rPID|1||1||van Dyk&van&Dyk^Ann^M\rOBX|1|NM|2345-7^Glucose^LN^GLU^Sugar^L||5");
        Assert.Equal(new CodedValue("2345-7", "Glucose", "LN", "GLU", "Sugar", "L"), CodedValue.Read(message.Get("OBX-3")));
        Assert.Equal(new PersonName("van Dyk", "Ann", "M"), PersonName.Read(message.Get("PID-5")));
    }

    private static Er7Message Parse(string text) => Er7Message.Parse(Encoding.UTF8.GetBytes(text));
}
