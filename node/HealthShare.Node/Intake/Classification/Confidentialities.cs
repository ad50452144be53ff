using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Classification;

/// <summary>Finds the strictest confidentiality that a message states anywhere; what carries a label is restricted at least.</summary>
internal sealed class Confidentialities(ConfidentialityRules? rules)
{
    private const string Order = "ULMNRV";
    private const string Any = "*";
    private readonly IReadOnlyDictionary<string, string> codes = rules?.Codes ?? new Dictionary<string, string>();
    private readonly IReadOnlyDictionary<string, string> vip = rules?.Vip ?? new Dictionary<string, string>();

    public string Of(Er7Message message, bool labelled)
    {
        var strictest = labelled ? "R" : "N";
        for (var i = 1; i < message.SegmentCount; i++)
        {
            var segment = message[i];
            var id = segment.Identifier;
            if (id.SequenceEqual("ORC"u8))
                Stated(segment.Field(28));
            else if (id.SequenceEqual("TXA"u8))
                Stated(segment.Field(18));
            else if (id.SequenceEqual("PV1"u8) && segment.Field(16).Component(1) is { IsEmpty: false, IsNull: false } value)
                Raise(vip.GetValueOrDefault(value.Text.Trim()) ?? vip.GetValueOrDefault(Any));
            else if ((id.SequenceEqual("PD1"u8) && IsYes(segment.Field(12)))
                || (id.SequenceEqual("PV2"u8) && IsYes(segment.Field(22)))
                || (id.SequenceEqual("ARV"u8) && !segment.Field(2).Component(1).Raw.SequenceEqual("D"u8)))
                Raise(rules?.Protected);
        }
        return strictest;

        // However it is written: protection that was asked for is not dropped for a blank or a small letter.
        static bool IsYes(Er7Value field) => field.Component(1).Text.Trim().Equals("Y", StringComparison.OrdinalIgnoreCase);

        void Stated(Er7Value field)
        {
            foreach (var repetition in field.Repetitions())
                Raise(codes.GetValueOrDefault(repetition.Component(1).Text.Trim()));
        }

        void Raise(string? level)
        {
            if (level is not null && Order.IndexOf(level, StringComparison.Ordinal) > Order.IndexOf(strictest, StringComparison.Ordinal))
                strictest = level;
        }
    }
}
