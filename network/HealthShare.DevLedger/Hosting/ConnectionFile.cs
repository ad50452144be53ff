using System.Text.Json;
using HealthShare.DevLedger.Network;

namespace HealthShare.DevLedger.Hosting;

/// <summary>Writes the file by which clients find the network: addresses, MSP ids, and where certificates and keys lie.</summary>
internal static class ConnectionFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Writes the file aside and moves it into place, so that a reader sees the old one or the new one.</summary>
    public static void Write(string path, string channel, IEnumerable<(OrganizationMaterial Material, GatewayListener Listener)> peers)
    {
        var draft = path + ".new";
        using (var file = File.Create(draft))
        using (var json = new Utf8JsonWriter(file, Indented))
        {
            json.WriteStartObject();
            json.WriteString("channel", channel);
            json.WriteStartArray("orderers"); // gateways submit; no orderer has an address of its own here
            json.WriteEndArray();
            json.WriteStartArray("organizations");
            foreach (var (material, listener) in peers)
                WriteOrganization(json, material, listener.Endpoint.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }
        File.Move(draft, path, overwrite: true);
    }

    private static void WriteOrganization(Utf8JsonWriter json, OrganizationMaterial material, string endpoint)
    {
        json.WriteStartObject();
        json.WriteString("mspId", material.MspId);
        json.WriteString("domain", material.Domain);
        json.WriteStartArray("peers");
        json.WriteStartObject();
        json.WriteString("name", material.NodeName);
        json.WriteString("endpoint", endpoint);
        json.WriteString("tlsServerName", material.NodeName);
        json.WriteString("tlsCaCert", PemPair.CertificateFile(material.TlsCaFolder));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("caCert", PemPair.CertificateFile(material.CaFolder));
        json.WriteString("caKey", PemPair.KeyFile(material.CaFolder));
        json.WriteStartArray("users");
        foreach (var user in material.Users)
        {
            json.WriteStartObject();
            json.WriteString("name", user);
            json.WriteString("cert", PemPair.CertificateFile(material.UserFolder(user)));
            json.WriteString("key", PemPair.KeyFile(material.UserFolder(user)));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
