using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Intake.Receiving;

namespace HealthShare.Node.Intake.Classification;

/// <summary>
/// Finds a message's meaning by the rules of a <see cref="LabelRules"/>. A pure function of the message and its time of arrival;
/// thread-safe.
/// </summary>
public sealed class Classifier
{
    private const int MostTokens = 16; // of one dimension, on the ledger
    private static readonly TimeSpan MostOffset = TimeSpan.FromHours(14);
    private readonly Categories categories;
    private readonly SensitiveCodes sensitive;
    private readonly Confidentialities confidentialities;
    private readonly TimeZoneInfo zone;
    private readonly AuthorityNames authorities;

    /// <summary>Prepares the rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="zone">Zone of times that name none, in messages whose MSH-7 names none either.</param>
    public Classifier(LabelRules rules, TimeZoneInfo zone)
        : this(rules, zone, AuthorityNames.None)
    {
    }

    /// <summary>Prepares the rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="zone">Zone of times that name none, in messages whose MSH-7 names none either.</param>
    /// <param name="authorities">Names of those who assign numbers.</param>
    internal Classifier(LabelRules rules, TimeZoneInfo zone, AuthorityNames authorities)
    {
        this.authorities = authorities;
        categories = new Categories(rules.Categories);
        sensitive = new SensitiveCodes(rules.Labels);
        confidentialities = new Confidentialities(rules.Confidentiality);
        this.zone = zone;
    }

    /// <summary>The meaning of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="receivedAt">Its date where it states none.</param>
    public Meaning Classify(Er7Message message, DateTimeOffset receivedAt)
    {
        var labels = sensitive.LabelsOf(message);
        return new Meaning(
            Limited(categories.Of(message)), Limited(labels), AuthorOf(message), EncounterOf(message), confidentialities.Of(message, labels.Count > 0),
            DateOf(message, receivedAt), LineageReader.Read(message, SentTime.Of(Hl7Timestamp.TryRead(message.Header.Field(7), out var sent) ? sent : null, zone, receivedAt), authorities));
    }

    // Whoever answers for the content: of a document its authenticator or originator, of a result its interpreter or
    // observer, else who ordered, else the attending doctor.
    private string? AuthorOf(Er7Message message) =>
        First(message, [("TXA", 9), ("TXA", 5), ("OBR", 32)], idAt: 1, authorityAt: 9)
        ?? Participant(message)
        ?? First(message, [("OBX", 16), ("OBR", 16), ("PV1", 7)], idAt: 1, authorityAt: 9);

    // PRT (since 2.7) says who took part in what: table 0912, author, primary interpreter, responsible observer.
    private string? Participant(Er7Message message)
    {
        foreach (var role in (string[])["AUT", "PI", "RO"])
        {
            foreach (var prt in message.Segments("PRT"u8))
            {
                if (prt.Field(4).Component(1).Text.Trim() == role && Of(message, prt.Field(5), 1, 9) is { } person)
                    return person;
            }
        }
        return null;
    }

    private string? EncounterOf(Er7Message message) => First(message, [("PV1", 19)], idAt: 1, authorityAt: 4);

    private string? First(Er7Message message, ReadOnlySpan<(string Segment, int Field)> places, int idAt, int authorityAt)
    {
        foreach (var (segment, field) in places)
        {
            if (Of(message, message.Get(new Er7Path(segment, 1, field)), idAt, authorityAt) is { } found)
                return found;
        }
        return null;
    }

    private string? Of(Er7Message message, Er7Value value, int idAt, int authorityAt)
    {
        // OBR-32 (NDL) keeps the person in its first component's sub-components.
        var id = value.Component(idAt).Subcomponent(1).Text.Trim();
        if (id.Length == 0 || value.Component(idAt).IsNull)
            return null;
        var authority = AssigningAuthority.ReadComponent(value.Component(authorityAt));
        return $"{authorities.KeyOf(authority.IsEmpty ? IntakeRules.SenderOf(message) : authority)}|{id}";
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
