using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HealthShare.Hl7;

namespace HealthShare.Node.Cli;

/// <summary>Every value of a message as JSON, as it stands in the message (escape sequences unresolved).</summary>
internal static class Hl7ValuesJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// One line: <c>{"file","index","segments":[{"segment","fields":[[[["sub-component"]]]]}]}</c>; field 1 comes first, an empty field is <c>[]</c>.
    /// </summary>
    public static string Write(string file, int index, Er7Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteNumber("index", index);
            json.WriteStartArray("segments");
            for (var i = 0; i < message.SegmentCount; i++)
            {
                json.WriteStartObject();
                json.WriteString("segment", Encoding.ASCII.GetString(message[i].Identifier));
                json.WriteStartArray("fields");
                foreach (var field in message[i].Fields())
                    Write(json, field);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Er7Value field)
    {
        json.WriteStartArray();
        foreach (var repetition in field.Repetitions())
        {
            json.WriteStartArray();
            foreach (var component in repetition.Components())
            {
                json.WriteStartArray();
                foreach (var subcomponent in component.Subcomponents())
                    json.WriteStringValue(subcomponent.RawText);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
