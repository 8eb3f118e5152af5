// Attributes: a Map of Name to text values. Several Attribute elements of one Name are merged (Keycloak sends one per
// role); a value with element content is left out, never turned into text.
import { requireSaml } from '../errors.ts';
import { ns } from './names.ts';
import { attributeOf, childrenOf, isElement, onlyChild, type XmlElement } from './xml/xml-tree.ts';

export type AssertionAttributes = ReadonlyMap<string, readonly string[]>;

const maxNames = 256;
const maxNameLength = 256;

/** Entra ID leaves the groups out above 150 and sends a link instead: silently, no groups. */
const groupsOverage = /\/claims\/groups\.link$/;

/** @throws BrokerError saml_refused `attributes` or `encryption` */
export function readAttributes(assertion: XmlElement): AssertionAttributes {
  const attributes = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, ns.assertion, 'AttributeStatement')) {
    requireSaml(!onlyChild(statement, ns.assertion, 'EncryptedAttribute'), 'encryption', 'EncryptedAttribute');
    requireOnly(statement, 'Attribute');
    for (const attribute of childrenOf(statement, ns.assertion, 'Attribute')) {
      requireOnly(attribute, 'AttributeValue');
      const name = attributeOf(attribute, 'Name') ?? '';
      requireSaml(name !== '' && name.length <= maxNameLength, 'attributes', 'Attribute without usable Name');
      requireSaml(!groupsOverage.test(name), 'attributes', 'group overage: the IdP sent a link instead of the groups');
      const values = attributes.get(name) ?? [];
      for (const value of textValues(attribute)) values.push(value);
      attributes.set(name, values);
    }
  }
  requireSaml(attributes.size <= maxNames, 'attributes', 'too many attributes');
  return attributes;
}

// Core §2.7.3 (schema). A reader that goes by local names would take one of another namespace for a value.
function requireOnly(parent: XmlElement, name: string): void {
  const hasOthers = parent.children.some((child) => !isElement(child, ns.assertion, name));
  requireSaml(!hasOthers, 'attributes', `${parent.name} holds something else than ${name}`);
}

function textValues(attribute: XmlElement): string[] {
  return childrenOf(attribute, ns.assertion, 'AttributeValue')
    .filter((value) => value.children.length === 0 && value.text !== '')
    .map((value) => value.text);
}
