using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.DevLedger.Hosting;

/// <summary>
/// Remembers on which ports the system let gateways listen, so that they listen there again at the next start and clients find
/// them where they were. Only a preference: a port that is taken meanwhile is given up.
/// </summary>
internal sealed class GatewayPorts(string folder)
{
    private readonly string file = Path.Combine(folder, "ports.json");

    /// <summary>The ports by MSP id; empty before the first start.</summary>
    /// <exception cref="LedgerCorruptException">The file cannot be read.</exception>
    public Dictionary<string, ushort> Read()
    {
        if (!File.Exists(file))
            return [];
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), PortsJson.Default.DictionaryStringUInt16)
                ?? throw new JsonException("It holds null.");
        }
        catch (JsonException e)
        {
            throw new LedgerCorruptException($"'{file}' cannot be read: {e.Message} It may be removed: then gateways get other ports.", e);
        }
    }

    /// <summary>Replaces what is remembered.</summary>
    public void Write(IEnumerable<Member> members)
    {
        var ports = members.ToDictionary(member => member.Options.MspId, member => (ushort)member.Listener.Endpoint.Port);
        var draft = file + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(ports, PortsJson.Default.DictionaryStringUInt16));
        File.Move(draft, file, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, ushort>))]
internal sealed partial class PortsJson : JsonSerializerContext;
