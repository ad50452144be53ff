using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>Changes what a transaction writes, in the ways in which members who collude, or a fault, might.</summary>
/// <param name="random">Decides.</param>
/// <param name="others">Transactions from which parts are taken.</param>
/// <param name="passkey">Signs changed statements anew, as a patient who colludes.</param>
internal sealed class Mutations(Random random, IReadOnlyList<TestTransaction> others, SoftwareAuthenticator passkey)
{
    private const string Place = "in its place";
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "9007199254740993", "1e400", "2147483648", "\"\"", "\"x\"", "\" \"", "[]", "{}", "[null]", "[[]]",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"2026-02-30T08:00:00Z\"", "\"2026-03-01T08:00:00+14:00\"", "\"\\ud800\"",
        "\"\\u0000\"", "\"\uFFFF\"", "\"a~b\"", "\"AAAA\"", "\"e30\"", "\"NorthMSP\"", "\"SouthMSP\"", "\"RegulatorMSP\"", "\"grant\"", "\"permit\"",
    ];

    public TestTransaction Apply(TestTransaction transaction)
    {
        var writes = transaction.Writes.ToList();
        for (var count = random.Next(1, 4); count > 0 && writes.Count > 0; count--)
        {
            var at = random.Next(writes.Count);
            var (key, json) = writes[at];
            switch (random.Next(12))
            {
                case 0:
                    writes.RemoveAt(at);
                    break;
                case 1:
                    writes[at] = (key, json is null ? "{}" : null);
                    break;
                case 2:
                    writes.Add(Another());
                    break;
                case 3:
                    writes[at] = (Another().Key, json);
                    break;
                case 4:
                    writes[at] = (key, Another().Json);
                    break;
                case 5:
                    writes[at] = (KeyOf(key), json);
                    break;
                case 6 when json is { Length: > 0 }:
                    writes[at] = (key, TextOf(json));
                    break;
                default:
                    writes[at] = (key, json is null ? null : JsonOf(json));
                    break;
            }
        }
        return transaction with
        {
            Writes = [.. writes],
            Creator = random.Next(8) == 0 ? Pick("NorthMSP", "EastMSP", "WestMSP", "", "\0") : transaction.Creator,
            ProposedAt = random.Next(8) switch
            {
                0 => null,
                1 => DateTimeOffset.MinValue,
                2 => DateTimeOffset.MaxValue,
                3 => transaction.ProposedAt?.AddHours(random.Next(-9000, 9000)),
                _ => transaction.ProposedAt,
            },
        };
    }

    private (string Key, string? Json) Another() => Pick([.. Pick([.. others]).Writes]);

    private string KeyOf(string key)
    {
        if (key.Length == 0)
            return "x";
        var at = random.Next(key.Length);
        return random.Next(4) switch
        {
            0 => key[..at],
            1 => key.Insert(at, Pick("\0", "x", "\uFFFF", "~")),
            2 => key.Remove(at, 1),
            _ => key[..at] + (char)random.Next(1, 200) + key[(at + 1)..],
        };
    }

    private string TextOf(string json)
    {
        var at = random.Next(json.Length);
        return random.Next(3) switch
        {
            0 => json[..at],
            1 => json.Insert(at, Pick("{", "\"", ",", "null", "\\u0000", " ")),
            _ => json.Remove(at, 1),
        };
    }

    private string JsonOf(string json)
    {
        if (Parse(json) is not { } root)
            return TextOf(json.Length > 0 ? json : " ");
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        var node = Pick([.. nodes]);
        // What a statement says is changed within, and signed anew or not.
        if (node is JsonObject signed && signed["statement"] is JsonValue text && signed["assertion"] is JsonObject && Decode(text) is { } inner)
        {
            var bytes = Encoding.UTF8.GetBytes(JsonOf(inner));
            signed["statement"] = Base64Url.EncodeToString(bytes);
            if (random.Next(2) == 0)
                signed["assertion"] = passkey.Signed(bytes)["assertion"]!.DeepClone();
            return root.ToJsonString();
        }
        // Put in as text afterwards: some values no writer writes.
        string? raw = null;
        if (node.Parent is JsonObject parent)
        {
            var name = node.GetPropertyName();
            if (random.Next(4) == 0)
                parent.Remove(name);
            else
                parent[name] = Value(node);
        }
        else if (node.Parent is JsonArray list)
        {
            if (random.Next(3) == 0)
                list.Add(node.DeepClone());
            else
                list[node.GetElementIndex()] = Value(node);
        }
        else
        {
            return Pick(Values);
        }
        return raw is null ? root.ToJsonString() : root.ToJsonString().Replace($"\"{Place}\"", raw, StringComparison.Ordinal);

        JsonNode Value(JsonNode old)
        {
            raw = random.Next(3) switch
            {
                0 when old is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 => JsonSerializer.Serialize(TextOf(text)),
                1 => $"[{old.ToJsonString()},{old.ToJsonString()}]",
                _ => Pick(Values),
            };
            return JsonValue.Create(Place);
        }
    }

    private static void Collect(JsonNode node, List<JsonNode> nodes)
    {
        nodes.Add(node);
        foreach (var child in node is JsonObject json ? json.Select(member => member.Value) : node is JsonArray list ? list : [])
        {
            if (child is not null)
                Collect(child, nodes);
        }
    }

    private static string? Decode(JsonValue value)
    {
        var text = value.TryGetValue<string>(out var encoded) ? encoded : "";
        return Base64Url.IsValid(text) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)) : null;
    }

    // Null for what has no tree that could be written again, such as half a surrogate pair or a name twice.
    private static JsonNode? Parse(string json)
    {
        try
        {
            var root = JsonNode.Parse(json);
            root?.DeepClone().ToJsonString();
            if (root is not null)
                Collect(root, []);
            return root;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private T Pick<T>(params T[] values) => values[random.Next(values.Length)];
}
