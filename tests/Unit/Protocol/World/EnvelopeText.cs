using System.Text;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Tests.World;

/// <summary>Envelopes written by hand, as an attacker or another program would write them.</summary>
internal static class EnvelopeText
{
    internal static byte[] Bytes(this string text) => Encoding.UTF8.GetBytes(text);

    internal static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    internal static byte[] Of(string payloadType, byte[] payload, params (VerificationKey Key, byte[] Signature)[] signatures) =>
        $$"""{"payloadType":"{{payloadType}}","payload":"{{Base64(payload)}}","signatures":[{{string.Join(',', signatures.Select(s => $$"""{"keyid":"{{s.Key.Id}}","sig":"{{Base64(s.Signature)}}"}"""))}}]}""".Bytes();

    /// <summary>The specification's "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, written again for the tests.</summary>
    internal static byte[] PreAuthenticationEncoding(string payloadType, byte[] payload) =>
        [.. $"DSSEv1 {payloadType.Bytes().Length} {payloadType} {payload.Length} ".Bytes(), .. payload];
}
