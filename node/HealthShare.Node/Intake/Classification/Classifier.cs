using HealthShare.Hl7;
using HealthShare.Hl7.Values;

namespace HealthShare.Node.Intake.Classification;

/// <summary>
/// Finds a message's meaning by the rules of a <see cref="LabelRules"/>. A pure function of the message and its time of arrival;
/// thread-safe.
/// </summary>
public sealed class Classifier
{
    private const string ConfidentialityOrder = "ULMNRV";
    private const int MostTokens = 16; // of one dimension, on the ledger
    private static readonly TimeSpan MostOffset = TimeSpan.FromHours(14);
    private readonly CategoryRules categories;
    private readonly SensitiveCodes sensitive;
    private readonly TimeZoneInfo zone;

    /// <summary>Prepares the rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="zone">Zone of times that name none, in messages whose MSH-7 names none either.</param>
    public Classifier(LabelRules rules, TimeZoneInfo zone)
    {
        categories = rules.Categories;
        sensitive = new SensitiveCodes(rules.Labels);
        this.zone = zone;
    }

    /// <summary>The meaning of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="receivedAt">Its date where it states none.</param>
    public Meaning Classify(Er7Message message, DateTimeOffset receivedAt)
    {
        var labels = sensitive.LabelsOf(message);
        return new Meaning(
            Limited(CategoriesOf(message)), Limited(labels), AuthorOf(message), EncounterOf(message), ConfidentialityOf(message, labels.Count > 0),
            DateOf(message, receivedAt));
    }

    private SortedSet<string> CategoriesOf(Er7Message message)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < message.SegmentCount; i++)
        {
            if (message[i].Identifier.SequenceEqual("OBR"u8)
                && categories.DiagnosticSections.TryGetValue(message[i].Field(24).Component(1).Text.Trim().ToUpperInvariant(), out var section))
                found.Add(section);
        }
        if (found.Count == 0)
        {
            var type = message.Header.Field(9);
            var code = type.Component(1).Text.Trim().ToUpperInvariant();
            found.Add(categories.MessageTypes.TryGetValue($"{code}^{type.Component(2).Text.Trim().ToUpperInvariant()}", out var exact) ? exact
                : categories.MessageTypes.TryGetValue(code, out var general) ? general
                : categories.Default);
        }
        return found;
    }

    // The strictest that the message states anywhere; what carries a label is restricted at least.
    private static string ConfidentialityOf(Er7Message message, bool labelled)
    {
        var strictest = labelled ? 'R' : 'N';
        for (var i = 0; i < message.SegmentCount; i++)
        {
            var segment = message[i];
            var stated = segment.Identifier.SequenceEqual("ORC"u8) ? segment.Field(28).Component(1).Text
                : segment.Identifier.SequenceEqual("TXA"u8) ? segment.Field(18).Component(1).Text
                : segment.Identifier.SequenceEqual("PD1"u8) && segment.Field(12).Raw.SequenceEqual("Y"u8) ? "R"
                : "";
            // Tables 0177 and 0272: V, R, and U for "usual", which is v3's N.
            if (stated is ['V' or 'R'] && Rank(stated[0]) > Rank(strictest))
                strictest = stated[0];
        }
        return strictest.ToString();
    }

    private static int Rank(char code) => ConfidentialityOrder.IndexOf(code, StringComparison.Ordinal);

    // Whoever answers for the content: of a document its authenticator or originator, of a result its interpreter or
    // observer, else the attending doctor.
    private static string? AuthorOf(Er7Message message) =>
        First(message, [("TXA", 9), ("TXA", 5), ("OBR", 32), ("OBX", 16), ("PV1", 7)], idAt: 1, authorityAt: 9);

    private static string? EncounterOf(Er7Message message) => First(message, [("PV1", 19)], idAt: 1, authorityAt: 4);

    private static string? First(Er7Message message, ReadOnlySpan<(string Segment, int Field)> places, int idAt, int authorityAt)
    {
        foreach (var (segment, field) in places)
        {
            var value = message.Get(new Er7Path(segment, 1, field));
            // OBR-32 (NDL) keeps the person in its first component's sub-components.
            var id = value.Component(idAt).Subcomponent(1).Text.Trim();
            if (id.Length == 0 || value.Component(idAt).IsNull)
                continue;
            var authority = AssigningAuthority.ReadComponent(value.Component(authorityAt)).Key;
            return $"{(authority.Length > 0 ? authority : AssigningAuthority.ReadField(message.Header.Field(4)).Key)}|{id}";
        }
        return null;
    }

    private DateTimeOffset DateOf(Er7Message message, DateTimeOffset receivedAt)
    {
        // HL7 can write offsets that no zone has; such a one says nothing about the message's other times.
        var assumed = Hl7Timestamp.TryRead(message.Header.Field(7), out var sent) && sent.Offset is { } offset && offset.Duration() <= MostOffset
            ? TimeZoneInfo.CreateCustomTimeZone("MSH-7", offset, null, null)
            : zone;
        foreach (var (segment, field) in (ReadOnlySpan<(string, int)>)[("OBR", 7), ("TXA", 4), ("RXA", 3), ("EVN", 6), ("EVN", 2), ("MSH", 7)])
        {
            if (Hl7Timestamp.TryRead(message.Get(new Er7Path(segment, 1, field)), out var time))
                return Seconds(time.ToUtc(assumed));
        }
        return Seconds(receivedAt);
    }

    private static DateTimeOffset Seconds(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    private static List<string> Limited(SortedSet<string> codes) => codes.Count <= MostTokens
        ? [.. codes]
        : throw new ClassificationException($"The message has {codes.Count} categories or labels; the ledger takes {MostTokens}.");
}

/// <summary>A message cannot be classified; it goes to quarantine with this reason.</summary>
public sealed class ClassificationException(string message) : Exception(message);
