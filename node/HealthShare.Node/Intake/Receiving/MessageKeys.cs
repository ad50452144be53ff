using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;
using HealthShare.Hl7;
using HealthShare.Hl7.Values;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>What the journal knows messages by: keyed hashes, which say nothing to whoever has no key.</summary>
internal static partial class MessageKeys
{
    private const int FacilityBytes = 12;

    /// <summary>Which message it claims to be: facility (MSH-4) and control id (MSH-10).</summary>
    public static byte[] Of(IntakeKeys keys, string facility, string controlId) =>
        keys.Hash("message", Encoding.UTF8.GetBytes(facility), Encoding.UTF8.GetBytes(controlId));

    /// <summary>A facility as messages are looked for by.</summary>
    public static string FacilityToken(IntakeKeys keys, string facility) =>
        "fc-" + Base64Url.EncodeToString(keys.Hash("facility", Encoding.UTF8.GetBytes(facility)).AsSpan(0, FacilityBytes));

    /// <summary>What messages about one patient have in common before anybody has looked the patient up.</summary>
    public static long PatientHint(IntakeKeys keys, PatientIdentifier number) => BinaryPrimitives.ReadInt64BigEndian(
        keys.Hash("patient-hint", Encoding.UTF8.GetBytes(keys.Authorities.KeyOf(number.Authority)), Encoding.UTF8.GetBytes(number.Id)));

    /// <summary>What the part that follows a message calls it: facility and DSC-1; null where the message is not continued.</summary>
    public static byte[]? ContinuedIn(IntakeKeys keys, Er7Message message) => PartKey(keys, message, IntakeRules.NextPart(message));

    /// <summary>What a message calls the part before it, if that is what its MSH-14 holds: facility and MSH-14; null where it is empty.</summary>
    public static byte[]? Continues(IntakeKeys keys, Er7Message message) => PartKey(keys, message, message.Header.Field(14));

    private static byte[]? PartKey(IntakeKeys keys, Er7Message message, Er7Value pointer) => pointer.IsEmpty || pointer.IsNull
        ? null
        : keys.Hash("part", Encoding.UTF8.GetBytes(AssigningAuthority.ReadField(message.Header.Field(4)).Key), pointer.Raw.ToArray());

    /// <summary>Message type and event, such as <c>ORU^R01</c>; null where MSH-9 holds something else, which may be anything.</summary>
    public static string? TypeOf(Er7Message? message)
    {
        if (message is null)
            return null;
        var field = message.Header.Field(9);
        var (code, trigger) = (field.Component(1).Text, field.Component(2).Text);
        var type = trigger.Length == 0 ? code : $"{code}^{trigger}";
        return PlainType().IsMatch(type) ? type : null;
    }

    [GeneratedRegex(@"\A[A-Z0-9]{3}(\^[A-Z0-9]{3})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainType();
}
