using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthShare.Hl7;

/// <summary>
/// Names a place in a message: <c>PID-3</c>, <c>PID-3(2).4.1</c> (second repetition, component 4, sub-component 1), <c>OBX[3]-5</c> (third OBX). All
/// numbers count from 1. Where a part is left out, the value keeps all of it: <c>PID-3</c> is the field with its repetitions.
/// </summary>
/// <param name="Segment">Segment identifier.</param>
/// <param name="Occurrence">Which segment of that identifier, from 1.</param>
/// <param name="Field">Field, from 1.</param>
/// <param name="Repetition">Repetition, from 1, or 0 for the whole field.</param>
/// <param name="Component">Component, from 1, or 0 for all.</param>
/// <param name="Subcomponent">Sub-component, from 1, or 0 for all.</param>
public readonly partial record struct Er7Path(
    string Segment, int Occurrence, int Field, int Repetition = 0, int Component = 0, int Subcomponent = 0)
{
    /// <summary>Reads a path.</summary>
    /// <exception cref="FormatException">The text is not of that form, or a number is 0 or above 999,999.</exception>
    public static Er7Path Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
            throw new FormatException($"'{text}' is not a path such as PID-3(2).4.1 or OBX[3]-5.");
        var occurrence = Number("occurrence");
        return new Er7Path(match.Groups["segment"].Value, occurrence == 0 ? 1 : occurrence, Number("field"),
            Number("repetition"), Number("component"), Number("subcomponent"));

        int Number(string name) =>
            match.Groups[name] is { Success: true } group ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The path's usual form.</summary>
    public override string ToString() => string.Concat(
        Segment, Occurrence > 1 ? Invariant($"[{Occurrence}]") : "", Invariant($"-{Field}"),
        Repetition > 0 ? Invariant($"({Repetition})") : "",
        Component > 0 ? Invariant($".{Component}") : "", Subcomponent > 0 ? Invariant($".{Subcomponent}") : "");

    internal Er7Value In(Er7Message message)
    {
        Span<byte> identifier = stackalloc byte[3];
        for (var i = 0; i < 3; i++)
            identifier[i] = (byte)Segment[i];
        var value = message.Segment(identifier, Occurrence).Field(Field);
        if (Repetition > 0)
            value = value.Repetition(Repetition);
        if (Component > 0)
            value = value.Component(Component);
        return Subcomponent > 0 ? value.Subcomponent(Subcomponent) : value;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    [GeneratedRegex(@"^(?<segment>[A-Z][A-Z0-9]{2})(\[(?<occurrence>[1-9][0-9]{0,5})\])?-(?<field>[1-9][0-9]{0,5})" +
        @"(\((?<repetition>[1-9][0-9]{0,5})\))?(\.(?<component>[1-9][0-9]{0,5})(\.(?<subcomponent>[1-9][0-9]{0,5}))?)?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
